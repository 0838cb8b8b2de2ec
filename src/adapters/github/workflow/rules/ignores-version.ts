import { referencesIn } from '../expression.ts'
import { textsIn, valueOf, type Entry, type Job, type Step } from '../model.ts'
import type { PlannedJob } from '../plan.ts'
import type { PreflightFinding, Rule, RuleContext } from '../rule.ts'
import { piecesOf } from '../template.ts'
import { verifiesSomething } from './approval.ts'
import { finding } from './finding.ts'
import { ancestorsOf, deployJobs, once, type JobIn } from './jobs.ts'
import { linesOf, onlyTalks } from './shell.ts'
import { isAside, isReleaseInput, isTest } from './words.ts'

const name = 'ignores-version'

/** It would deploy whatever the branch holds and call it the version that was asked for. */
export const ignoresVersion: Rule = {
  name,
  check(context) {
    const { request, workflow } = context
    const inputs = workflow.inputs.map((input) => input.name).filter(isReleaseInput)
    // A tag that is the release itself needs no input.
    if (request.event !== 'workflow_dispatch' || inputs.length === 0 || isOnRelease(context))
      return []
    return once(deployJobs(context)).flatMap((planned) => {
      const before = ancestorsOf(context, planned).filter(({ job }) => !isBeside(job))
      const making = [{ workflow: planned.workflow, job: planned.job }, ...before]
      const builds = making.filter(buildsSomethingElse)
      if (builds.length > 0) return builds.map((made) => otherContent(context, made, inputs))
      return making.some((made) => usesRelease(made)) ? [] : [ignored(context, planned, inputs)]
    })
  },
}

function isOnRelease({ request }: RuleContext): boolean {
  const [, tag] = /^refs\/tags\/(.+)$/.exec(request.ref) ?? []
  return tag !== undefined && Object.values(request.inputs).includes(tag)
}

function isBeside(job: Job): boolean {
  const title = `${job.id} ${job.name?.text ?? ''}`
  return verifiesSomething(job) || isTest(title) || isAside(title)
}

function ignored(context: RuleContext, planned: PlannedJob, inputs: string[]): PreflightFinding {
  const message = `the job ${planned.id} deploys the same whatever ${inputs.join(' and ')} is: the commit the workflow is started on`
  return atCheckout(context, planned, inputs, message)
}

function otherContent(context: RuleContext, made: JobIn, inputs: string[]): PreflightFinding {
  const message = `the job ${made.job.id} builds the commit the workflow is started on and calls it ${inputs.join(' and ')}`
  return atCheckout(context, made, inputs, message)
}

function atCheckout(
  context: RuleContext,
  { workflow, job }: JobIn,
  inputs: string[],
  message: string,
): PreflightFinding {
  const spot = { workflow, place: checkoutOf(job) ?? job }
  return finding(context, name, 'error', spot, { message, fix: fixFor(inputs) })
}

function fixFor([input]: string[]): string {
  return `check out what was asked for: actions/checkout with ref: \${{ inputs.${input} }}`
}

function checkoutOf({ steps }: Job): Step | undefined {
  return steps.find(isCheckout)
}

/** Of this repository; others are not what is deployed. */
function isCheckout({ uses, with: given }: Step): boolean {
  const own = valueOf(given, 'repository') === null
  return own && (uses?.text.startsWith('actions/checkout@') ?? false)
}

const building =
  /\bdocker(?: buildx)? build\b|\bbuildah\b|\bpack build\b|\b(?:npm|pnpm|yarn)(?: run)? build\b|\bmake build\b|\bgo build\b|\bcargo build\b|\bmvn\b|\bgradlew?\b/

/** A build of a checkout that is not of the release, although the release gives it its name. */
function buildsSomethingElse({ workflow, job }: JobIn): boolean {
  const checkout = checkoutOf(job)
  if (!checkout || usesRelease({ workflow, job: { ...job, steps: [checkout] } }, 'with'))
    return false
  const builds = job.steps.some(
    ({ run, uses }) =>
      building.test(run?.text ?? '') || /build-push-action@/.test(uses?.text ?? ''),
  )
  return builds && !checksOutByHand(job)
}

function checksOutByHand({ steps }: Job): boolean {
  return steps.some(({ run }) => /\bgit (?:checkout|switch|reset|worktree)\b/.test(run?.text ?? ''))
}

/** Whether what a job does can depend on which release was asked for. */
function usesRelease({ workflow, job }: JobIn, only: 'with' | 'all' = 'all'): boolean {
  const steps = job.steps.some(({ with: given, run, env }) => {
    if (namesRelease(given)) return true
    if (only === 'with' || run === null || onlyTalks(run)) return false
    return (
      namesRelease([...env, ...job.env, ...workflow.env]) || linesOf(run).some(lineNamesRelease)
    )
  })
  return steps || (only === 'all' && job.uses !== null && namesRelease(job.with))
}

function lineNamesRelease({ text }: { text: string }): boolean {
  return !/^\s*(?:echo|printf)\b/.test(text) && hasRelease(text)
}

function namesRelease(entries: readonly Entry[]): boolean {
  return entries.some(({ value }) => [...textsIn(value)].some(({ text }) => hasRelease(text.text)))
}

/** The input itself, or a variable or an output that has its name. */
function hasRelease(text: string): boolean {
  return piecesOf(text).some((piece) => {
    if (piece.kind === 'literal') return false
    return referencesIn(piece.source).some((path) => {
      const parts = path.split('.')
      const own = /^(?:github\.event\.)?inputs\./.test(path) || parts[0] === 'env'
      const handed = /^(?:needs|steps)\..*\.outputs\./.test(path)
      return (own || handed) && isReleaseInput(parts.at(-1)!)
    })
  })
}
