import type { Job } from '../model.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { finding, type Spot } from './finding.ts'
import { jobsOf } from './jobs.ts'
import { onlyTalks } from './shell.ts'

const name = 'rollback-changes-nothing'

/** In the moment it is needed, a rollback that only talks is worse than none. */
export const rollbackChangesNothing: Rule = {
  name,
  check(context) {
    const asked = Object.values(context.request.inputs).some((value) => isRollback(value))
    return jobsOf(context).flatMap(({ workflow, job }) => {
      const { what, place } = idleRollback(job) ?? {}
      if (what === undefined) return []
      const severity = asked && mayRun(context, job) ? 'error' : 'warning'
      const message = `${what} only talks: nothing is different after it, and the run is green`
      const fix = 'let it deploy the earlier release in the way every release is deployed'
      const spot: Spot = { workflow, place: place ?? job }
      return [finding(context, name, severity, spot, { message, fix })]
    })
  },
}

function isRollback(text: string): boolean {
  return /\broll[-_ ]?back|\brevert\b/i.test(text)
}

/** A job or step that calls itself a rollback and does nothing. */
function idleRollback(job: Job): { what: string; place: Spot['place'] } | null {
  if (isRollback(`${job.id} ${job.name?.text ?? ''}`)) {
    return isIdle(job) ? { what: `the job ${job.id}`, place: job } : null
  }
  const step = job.steps.find(
    ({ name: title, id, run }) =>
      run !== null && isRollback(`${title?.text ?? ''} ${id ?? ''}`) && onlyTalks(run),
  )
  return step ? { what: `the step "${step.name?.text ?? step.id}"`, place: step } : null
}

/** An action could do anything but for those that only prepare. */
function isIdle({ uses, steps }: Job): boolean {
  if (uses !== null || steps.length === 0) return false
  return steps.every((step) =>
    step.run === null
      ? /^actions\/(?:checkout|setup-)/.test(step.uses?.text ?? '')
      : onlyTalks(step.run),
  )
}

function mayRun({ plan }: RuleContext, job: Job): boolean {
  return plan.jobs.some((planned) => planned.job === job && planned.runs !== false)
}
