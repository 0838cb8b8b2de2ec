import type { Job, Step } from '../model.ts'
import type { PlannedJob } from '../plan.ts'
import type { PreflightFinding, Rule, RuleContext } from '../rule.ts'
import { sameName } from '../../same-name.ts'
import { finding } from './finding.ts'
import { ancestorsOf, deployJobs, once } from './jobs.ts'
import { linesOf } from './shell.ts'
import { deploys, isTest, migrates } from './words.ts'

const name = 'migrations-not-before-deploy'

/** A release that runs before its migrations finds tables that are not there yet. */
export const migrationsNotBeforeDeploy: Rule = {
  name,
  check(context) {
    const jobs = once(deployJobs(context))
    const deploying = jobs.filter(({ job }) => deployStep(job) !== null)
    const migrating = once(context.plan.jobs).filter(
      ({ job, runs }) =>
        runs !== false && isMigrating(job) && !deploying.some((one) => one.job === job),
    )
    return [
      ...deploying.flatMap((planned) => within(context, planned)),
      ...migrating.flatMap((migration) => between(context, migration, deploying)),
    ]
  },
}

function told(message: string) {
  const fix =
    'let the deployment wait for the migrations, and write them so that the release that runs goes on working'
  return { message, fix }
}

function within(context: RuleContext, { job, workflow }: PlannedJob): PreflightFinding[] {
  const step = job.steps.find(isMigration)
  const first = deployStep(job)
  if (!step || !first || step.index < first.index) return []
  if (step === first && !isLater(step)) return []
  const message = `migrations run after the deployment, in the job ${job.id}`
  return [finding(context, name, 'warning', { workflow, place: step }, told(message))]
}

function between(
  context: RuleContext,
  migration: PlannedJob,
  deploying: readonly PlannedJob[],
): PreflightFinding[] {
  const { job, workflow, environment, environmentUnknown } = migration
  return deploying
    .filter(
      (other) =>
        environment === null ||
        environmentUnknown !== null ||
        sameName(environment, other.environment),
    )
    .filter((other) => !ancestorsOf(context, other).some((before) => before.job === job))
    .slice(0, 1)
    .map((other) => {
      const isAfter = ancestorsOf(context, migration).some((before) => before.job === other.job)
      const when = isAfter ? 'after' : 'at the same time as'
      const message = `the job ${migration.id} migrates ${when} the job ${other.id} deploys`
      return finding(context, name, 'warning', { workflow, place: job }, told(message))
    })
}

function isMigrating(job: Job): boolean {
  if (isTest(`${job.id} ${job.name?.text ?? ''}`)) return false
  return job.steps.some(isMigration)
}

function isMigration({ name: title, run, uses }: Step): boolean {
  if (isTest(title?.text ?? '')) return false
  if (run === null) return /migrat/i.test(uses?.text ?? '')
  return linesOf(run).some(({ text }) => !/^\s*(?:echo|printf)\b/.test(text) && migrates(text))
}

/** The step that brings the release there; null when none looks like it. */
function deployStep({ steps }: Job): Step | null {
  return steps.find(hasDeployment) ?? steps.find(isNamedDeployment) ?? null
}

function isNamedDeployment(step: Step): boolean {
  return deploys(step.name?.text ?? '') && !isMigration(step)
}

function hasDeployment({ run, uses }: Step): boolean {
  if (run === null) return deploys(uses?.text ?? '')
  return linesOf(run).some(({ text }) => isDeploying(text))
}

function isDeploying(line: string): boolean {
  return !/^\s*(?:echo|printf)\b/.test(line) && deploys(line) && !migrates(line)
}

/** Both in one script: the line that comes first decides. */
function isLater({ run }: Step): boolean {
  const lines = run === null ? [] : linesOf(run)
  const first = lines.findIndex(({ text }) => isDeploying(text))
  const migration = lines.findIndex(({ text }) => migrates(text))
  return first >= 0 && first < migration
}
