import type { PlannedJob } from '../plan.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { gatesBefore, verifiesApproval, waitsForGate } from './approval.ts'
import { finding } from './finding.ts'
import { deployJobs, mayReachProduction, once } from './jobs.ts'
import { isProduction } from './words.ts'

const name = 'deploys-without-approval-check'

/** Whoever may start the workflow could deploy to production without anybody's consent. */
export const deploysWithoutApprovalCheck: Rule = {
  name,
  check(context) {
    if (context.request.event !== 'workflow_dispatch') return []
    return once(deployJobs(context))
      .filter((job) => mayReachProduction(context, job) && !isHeldBack(context, job))
      .map((planned) => {
        const { id, job, workflow } = planned
        const [gate] = gatesBefore(context, planned)
        const message = gate
          ? `the job ${id} runs even when ${gate.job.id} has refused the approval`
          : `the job ${id} deploys without a look at the approval: whoever may start this workflow can do it alone`
        const fix = gate
          ? `let its condition ask for needs.${gate.job.id}.result == 'success'`
          : 'let it need a first job that verifies the signature of the input "approval"; the reference workflow has one'
        const place = gate ? (job.if ?? job) : (job.environment ?? job)
        return finding(context, name, 'warning', { workflow, place }, { message, fix })
      })
  },
}

/** A gate may leave an environment open, unless it is production. */
function isHeldBack(context: RuleContext, job: PlannedJob): boolean {
  const { environment } = context.request
  const isOther = environment !== null && !isProduction(environment)
  return isOther ? waitsForGate(context, job) : verifiesApproval(context, job)
}
