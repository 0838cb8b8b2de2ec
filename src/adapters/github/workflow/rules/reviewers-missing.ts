import type { PlatformEnvironment, PreflightFinding, Rule, RuleContext } from '../rule.ts'
import type { PlannedJob } from '../plan.ts'
import { verifiesApproval } from './approval.ts'
import { sameName } from '../../same-name.ts'
import { finding } from './finding.ts'
import { once } from './jobs.ts'
import { isProduction } from './words.ts'

const name = 'reviewers-missing'

/** Without another person, who starts a run decides alone. */
export const reviewersMissing: Rule = {
  name,
  check(context) {
    const { environments } = context.request
    if (environments === undefined) return []
    return once(context.plan.jobs).flatMap((job) => {
      const known = environments.find((candidate) => sameName(candidate.name, job.environment))
      if (job.runs === false || !known || !isProduction(known.name)) return []
      return known.reviewers.length === 0
        ? nobody(context, job, known)
        : oneself(context, job, known)
    })
  },
}

function nobody(
  context: RuleContext,
  job: PlannedJob,
  environment: PlatformEnvironment,
): PreflightFinding[] {
  // A verified approval is a decision of another person, too.
  if (verifiesApproval(context, job)) return []
  const message = `nobody has to review what is deployed to ${environment.name}`
  const fix = 'add required reviewers to the environment, or a job that verifies the approval first'
  return [finding(context, name, 'warning', spotOf(job), { message, fix })]
}

function oneself(
  context: RuleContext,
  job: PlannedJob,
  { name: environment, reviewers, preventsSelfReview }: PlatformEnvironment,
): PreflightFinding[] {
  const { actor } = context.request
  if (actor === null || preventsSelfReview) return []
  if (!reviewers.some((reviewer) => sameName(reviewer, actor))) return []
  const message = `${actor} starts the run and is a reviewer of ${environment}: it could approve itself`
  const fix = 'take it from the reviewers, and switch on "Prevent self-review"'
  return [finding(context, name, 'warning', spotOf(job), { message, fix })]
}

function spotOf({ workflow, job }: PlannedJob) {
  return { workflow, place: job.environment }
}
