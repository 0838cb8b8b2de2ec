import { couldNotRun, failed, passed, type Check, type Requirement } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import type { PlanAction } from '../../core/plan.ts'
import {
  preflightVerdict,
  type PreflightFinding,
  type PreflightReport,
} from '../../core/preflight.ts'
import { productionOf, type Environment, type Project } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { RunIntent } from '../../ports/pipeline.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'preflight'

/** What the pipeline's own workflow would do, worked out from its text before anything is started. */
export const preflight: CheckRunner = {
  name,
  requirement: byPolicy(name),
  applies: ({ pipeline }) => pipeline?.preflight !== undefined,
  foresee: ({ environment }) => ({
    runs: true,
    text: `read the workflow and work out whether it deploys to ${environment.name}`,
  }),
  async run({ environment, release }, call) {
    const action = actionInto(call.project, environment)
    const requirement = environment.checks.preflight
    return await preflightCheck(call, { action, environment, release }, requirement)
  },
}

/** The same for an action that is not the usual one into this environment, such as a rollback. */
export async function preflightCheck(
  call: Call,
  intent: RunIntent,
  requirement: Requirement,
): Promise<Check> {
  if (!call.pipeline?.preflight) return couldNotRun(name, requirement, 'no workflow to read')
  try {
    const report = await call.pipeline.preflight(intent)
    return judged(report, intent.environment, requirement)
  } catch (error) {
    return couldNotRun(name, requirement, toFailure(error).message)
  }
}

function actionInto(project: Project, { name: target }: Environment): PlanAction {
  return productionOf(project)?.name === target ? 'promote' : 'deploy'
}

function judged(
  report: PreflightReport,
  environment: Environment,
  requirement: Requirement,
): Check {
  const target = environment.github.environment
  const details = { ...report }
  const worst = report.findings.find(({ severity }) => severity === 'error')
  const where = `${report.file} on ${report.event}`
  switch (preflightVerdict(report, target)) {
    case 'deploys':
      return passed(name, `${where} deploys to ${target}${asides(report)}`, details)
    case 'unknown':
      return {
        ...couldNotRun(name, requirement, `unknown: ${oneLine(report.unknown[0] ?? where, 200)}`),
        details,
      }
    case 'does_not_deploy': {
      const skipped = report.jobs.find((job) => job.environment === target)
      const why = worst
        ? `${placeOf(report, worst)}: ${worst.message}`
        : `no job of it deploys to ${target}${skipped ? `: ${skipped.id} ${skipped.reason}` : ''}`
      return failed(name, oneLine(why, 300), details)
    }
  }
}

/** A finding about the whole file has no line. */
function placeOf({ file }: PreflightReport, { line }: PreflightFinding): string {
  return line === 0 ? file : `${file}:${line}`
}

function asides({ findings }: PreflightReport): string {
  const count = findings.filter(({ severity }) => severity === 'warning').length
  return count === 0 ? '' : ` (${count} warning(s): gonogo preflight shows them)`
}
