import type { Rule } from '../rule.ts'
import { gatesBefore, verifiesApproval } from './approval.ts'
import { finding } from './finding.ts'
import { deployJobs, mayReachProduction, once } from './jobs.ts'

const name = 'deploys-without-approval-check'

/** Whoever may start the workflow could deploy to production without anybody's consent. */
export const deploysWithoutApprovalCheck: Rule = {
  name,
  check(context) {
    if (context.request.event !== 'workflow_dispatch') return []
    return once(deployJobs(context))
      .filter((job) => mayReachProduction(context, job) && !verifiesApproval(context, job))
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
