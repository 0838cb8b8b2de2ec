import type { Plan, PlannedStep } from '../../../core/plan.ts'
import type { PreflightJob } from '../../../core/preflight.ts'
import { oneLine } from '../../../core/text.ts'
import type { RunIntent } from '../../../ports/pipeline.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { examine } from './examine.ts'
import { prepareDispatch, type Prepared } from './prepare.ts'

/** What is not known before there is a deployment, as the plan shows it. */
const placeholders = {
  deploymentId: '<deployment id>',
  approval: { text: '<signed request>', id: '<approval id>' },
}

/** The dispatch of an intent, before anybody consented to it. */
export async function prepareIntent(
  deps: GitHubPipelineDeps,
  intent: RunIntent,
): Promise<Prepared> {
  const guarded = intent.environment.approval === 'required'
  return await prepareDispatch(deps, intent, {
    deploymentId: placeholders.deploymentId,
    approval: guarded ? placeholders.approval : null,
  })
}

/** The request that would be sent, and the jobs it would run. The same world gives the same steps. */
export async function describeDispatch(
  deps: GitHubPipelineDeps,
  intent: RunIntent,
): Promise<Plan['pipeline']> {
  const prepared = await prepareIntent(deps, intent)
  const files = new Map([[prepared.file, prepared.text]])
  const { jobs } = await examine(deps, intent.environment, prepared, (path, text) =>
    files.set(path, text),
  )
  const { owner, name } = await deps.client.repository()
  return {
    kind: 'github',
    target: `${owner}/${name} ${prepared.file} on ${prepared.ref}`,
    isolation: 'separate',
    steps: [
      dispatchStep(prepared, `${owner}/${name}`),
      ...[...files].toSorted(byPath).map(([path, text]) => fileStep(deps, path, text)),
      ...jobs.map(jobStep),
    ],
  }
}

function dispatchStep({ workflow, ref, plan }: Prepared, repository: string): PlannedStep {
  const inputs = Object.entries(plan.inputs).map(([name, value]) => `${name}=${value}`)
  const route = `/repos/${repository}/actions/workflows/${workflow}/dispatches`
  return {
    phase: 'dispatch',
    name: `start ${workflow}`,
    run: ['POST', route, `ref=${ref}`, ...inputs],
  }
}

/**
 * The text that decides what the jobs do. Without its hash the workflow could become another one between
 * an approval and the start, and its jobs would still be called the same.
 */
export function fileStep(
  { runtime }: Pick<GitHubPipelineDeps, 'runtime'>,
  path: string,
  text: string,
): PlannedStep {
  return { phase: 'dispatch', name: `as in ${path}`, run: ['sha256', runtime.sha256(text)] }
}

function byPath([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : 1
}

function jobStep(job: PreflightJob): PlannedStep {
  return { phase: 'job', name: oneLine(job.id, 100), run: [oneLine(fateOf(job), 200)] }
}

function fateOf({ runs, reason, environment }: PreflightJob): string {
  if (runs === false) return reason.startsWith('skipped') ? reason : `skipped: ${reason}`
  if (runs === null) return `not known beforehand: ${reason}`
  return environment === null ? 'no environment' : `environment ${environment}`
}
