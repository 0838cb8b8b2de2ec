import type { Rule, RuleContext, PreflightFinding } from '../rule.ts'
import { isOfJob } from '../job-id.ts'
import { sameName } from '../../same-name.ts'
import { finding } from './finding.ts'

const name = 'target-environment-not-reached'

/** The run would be green, and nothing would have been deployed where it was asked for. */
export const targetEnvironmentNotReached: Rule = { name, check }

function check(context: RuleContext): PreflightFinding[] {
  const { request, plan } = context
  if (request.environment === null) return []
  return plan.starts === false ? notStarted(context) : notReached(context, request.environment)
}

function notStarted(context: RuleContext): PreflightFinding[] {
  const { request, workflow, plan } = context
  const place = workflow.events[0] ?? null
  const message = `${request.event} does not start this workflow: ${plan.notStarted}`
  const fix =
    request.event === 'workflow_dispatch'
      ? 'add workflow_dispatch to "on", with the inputs that are sent'
      : `add ${request.event} to "on", or correct its filters`
  return [finding(context, name, 'error', { workflow, place }, { message, fix })]
}

function notReached(context: RuleContext, environment: string): PreflightFinding[] {
  const { plan, workflow, request } = context
  // What may reach it is for the report's "unknown", not an error.
  const open = plan.jobs.some(
    ({ runs, environmentUnknown, callsElsewhere }) =>
      runs !== false && (environmentUnknown !== null || callsElsewhere),
  )
  if (open) return []
  const { job: told = null } = request
  const targets = plan.jobs.filter((job) =>
    told === null ? sameName(job.environment, environment) : isOfJob(job.id, told),
  )
  if (targets.some(({ runs }) => runs !== false)) return []
  if (targets.length === 0 && told !== null) return [noSuchJob(context, told)]
  if (targets.length === 0) {
    const asked = Object.keys(request.inputs).length === 0 ? request.event : 'these inputs'
    const message = `no job names the environment ${environment} for ${asked}, so nothing is deployed there`
    const fix = `give the job that deploys "environment: ${environment}", or take it from an input; or name that job in environments.NAME.github.job of gonogo.yaml`
    return [finding(context, name, 'error', { workflow }, { message, fix })]
  }
  return targets.map(({ id, job, reason, workflow: file }) => {
    const message = `the job ${id}, which deploys to ${environment}, would be skipped: ${reason}. The run would still be green`
    const fix =
      'correct its condition or its needs, so that it runs for this event and these inputs'
    return finding(
      context,
      name,
      'error',
      { workflow: file, place: job.if ?? job },
      { message, fix },
    )
  })
}

/** Its outcome is to be the deployment's, so that there would be none. */
function noSuchJob(context: RuleContext, job: string): PreflightFinding {
  const { workflow } = context
  const message = `no job that is called ${job} would run, and the outcome of ${job} is to be that of the deployment`
  const fix = 'correct environments.NAME.github.job in gonogo.yaml, or the name of the job'
  return finding(context, name, 'error', { workflow }, { message, fix })
}
