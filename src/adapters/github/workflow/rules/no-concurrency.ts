import { referencesIn } from '../expression.ts'
import type { Concurrency } from '../model.ts'
import type { Rule, RuleContext } from '../rule.ts'
import type { PlannedJob } from '../plan.ts'
import { piecesOf } from '../template.ts'
import { finding } from './finding.ts'
import { chainOf, deployJobs, once } from './jobs.ts'
import { isReleaseInput } from './words.ts'

const name = 'no-concurrency'

/** Two runs beside each other leave an environment with parts of both. */
export const noConcurrency: Rule = {
  name,
  check(context) {
    return once(deployJobs(context)).flatMap((planned) => {
      const groups = groupsOf(context, planned)
      if (groups.some((group) => !isPerRun(group))) return []
      const { id, job, workflow, environment } = planned
      const message =
        groups.length === 0
          ? `two runs can deploy to ${environment ?? 'the same place'} at the same time: the job ${id} is in no concurrency group`
          : `the concurrency group of the job ${id} is another one for each run, so it keeps nothing apart`
      const fix = 'add concurrency with a group for each environment, and cancel-in-progress: false'
      const spot = groups[0]
        ? { workflow: groups[0].workflow, place: groups[0] }
        : { workflow, place: job }
      return [finding(context, name, 'warning', spot, { message, fix })]
    })
  },
}

function groupsOf(context: RuleContext, planned: PlannedJob) {
  return chainOf(context, planned).flatMap(({ workflow, job }) =>
    [workflow.concurrency, job.concurrency].flatMap((group) =>
      group === null ? [] : [{ ...group, workflow }],
    ),
  )
}

/** A group with something in it that is different every time. */
function isPerRun({ group }: Concurrency): boolean {
  return piecesOf(group.text)
    .flatMap((piece) => (piece.kind === 'expression' ? referencesIn(piece.source) : []))
    .some((path) => {
      const [, input] = /^(?:github\.event\.)?inputs\.([^.]+)$/.exec(path) ?? []
      if (input === undefined) return /^github\.(?:run_id|run_number|run_attempt|sha)$/.test(path)
      return isReleaseInput(input) || /^(?:deployment|correlation|approval)[-_]?id$/.test(input)
    })
}
