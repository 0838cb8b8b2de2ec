import type { PlannedJob } from '../plan.ts'
import type { PlatformEnvironment, PreflightFinding, Rule, RuleContext } from '../rule.ts'
import { sameName } from '../../same-name.ts'
import { finding } from './finding.ts'
import { once } from './jobs.ts'
import { isProduction } from './words.ts'

const name = 'unprotected-environment'

/** GitHub makes an environment that does not exist, and protects it in no way. */
export const unprotectedEnvironment: Rule = {
  name,
  check(context) {
    const { environments } = context.request
    if (environments === undefined) return []
    const running = context.plan.jobs.filter(
      (job) => job.runs !== false && job.environment !== null,
    )
    return once(running).flatMap((job) => {
      const known = environments.find((candidate) => sameName(candidate.name, job.environment))
      return known ? openToAll(context, job, known) : [missing(context, job)]
    })
  },
}

function missing(context: RuleContext, { id, job, workflow, environment }: PlannedJob) {
  const message = `the environment ${environment} of the job ${id} does not exist: GitHub would make it, without protection and without secrets`
  const fix = `make it first, with its protection (Settings, Environments), or correct its name`
  return finding(context, name, 'warning', { workflow, place: job.environment }, { message, fix })
}

function openToAll(
  context: RuleContext,
  { job, workflow }: PlannedJob,
  environment: PlatformEnvironment,
): PreflightFinding[] {
  if (environment.branches !== 'all' || !isProduction(environment.name)) return []
  const message = `every branch may deploy to ${environment.name}: whoever can push one gets its secrets, with a workflow of their own`
  const fix = 'limit its "Deployment branches and tags" to the protected branches'
  const spot = { workflow, place: job.environment }
  return [finding(context, name, 'warning', spot, { message, fix })]
}
