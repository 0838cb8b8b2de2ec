import { stagingOf } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import { deployToStaging } from '../../tools/deploy-to-staging.ts'
import { getDeploymentStatus } from '../../tools/get-deployment-status.ts'
import { listDeployments } from '../../tools/list-deployments.ts'
import { runSmokeTests } from '../../tools/run-smoke-tests.ts'
import { validateDeployment } from '../../tools/validate-deployment.ts'
import { done, notDone, type Seen } from './step.ts'

/** Read-only, so that looking does not start a keeper for what nobody watches. */
export async function readOnlyCalls(call: Call): Promise<Seen> {
  const reader: Call = { ...call, readOnly: true }
  const { output } = await listDeployments.call({ limit: 1 }, reader)
  const [newest] = output.deployments as { deployment_id: string }[]
  if (newest === undefined) return done('list_deployments: none on record yet')
  const { deployment_id } = newest
  const status = await getDeploymentStatus.call({ deployment_id }, reader)
  return done(`${String(output.total_count)} on record; the newest: ${status.summary}`)
}

/** What would be checked, for the head of the default branch in each environment. */
export async function validateDryRun(call: Call): Promise<Seen> {
  const git_ref = await call.source.defaultBranch()
  const told: string[] = []
  for (const { name: environment } of call.project.environments) {
    const { output } = await validateDeployment.call({ environment, git_ref, dry_run: true }, call)
    const would = output.checks.filter(({ details }) => details.would_run === true).length
    told.push(`${environment}: ${would} of ${output.checks.length} checks would run`)
  }
  return done(`${git_ref}: ${told.join('; ')}`)
}

/** What would be sent to each live system that can be asked. */
export async function smokeDryRun(call: Call): Promise<Seen> {
  const { environments, smoke } = call.project
  const live = environments.filter(({ url }) => url !== null)
  const test_suite = smoke.basic.length > 0 ? 'basic' : 'full'
  if (live.length === 0)
    return notDone('no environment has a url', 'add environments.NAME.url to gonogo.yaml')
  if (smoke.basic.length + smoke.full.length === 0)
    return notDone(
      'no smoke tests are configured',
      'add smoke.basic to gonogo.yaml (docs/config.md)',
    )
  const told: string[] = []
  for (const { name: environment } of live) {
    const { output } = await runSmokeTests.call({ environment, test_suite, dry_run: true }, call)
    told.push(`${environment}: ${(output.results as unknown[]).length} request(s) would be sent`)
  }
  return done(told.join('; '))
}

/** The plan of a deployment that is not made. Being blocked is an answer, too. */
export async function deployDryRun(call: Call): Promise<Seen> {
  if (stagingOf(call.project) === undefined) {
    const fix = 'add an environment before production to gonogo.yaml'
    return notDone('there is no environment before production', fix)
  }
  const git_ref = await call.source.defaultBranch()
  const { output } = await deployToStaging.call({ git_ref, dry_run: true }, call)
  const blockers = output.blockers ?? []
  const why = blockers.length === 0 ? '' : ` (${blockers.length}: ${blockers.join('; ')})`
  const plan = String(output.plan_hash).slice(0, 12)
  return done(`plan ${plan}; accepted now: ${String(output.accepted)}${why}`)
}
