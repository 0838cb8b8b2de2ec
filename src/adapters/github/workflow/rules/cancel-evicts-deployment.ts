import type { Concurrency, Workflow } from '../model.ts'
import type { PlannedConcurrency } from '../plan.ts'
import type { Rule } from '../rule.ts'
import { finding } from './finding.ts'
import { chainOf, deployJobs, once } from './jobs.ts'

const name = 'cancel-evicts-deployment'

/** A deployment that is cut off in the middle leaves an environment in no state that anybody tested. */
export const cancelEvictsDeployment: Rule = {
  name,
  check(context) {
    const jobs = once(deployJobs(context))
    const groups = new Map<Concurrency, Workflow>()
    for (const planned of jobs) {
      const own = planned.job.concurrency
      if (own && cuts(own, planned.concurrency)) groups.set(own, planned.workflow)
      for (const { workflow, job } of chainOf(context, planned)) {
        const whole = workflow === context.workflow ? context.plan.concurrency : null
        if (workflow.concurrency && cuts(workflow.concurrency, whole))
          groups.set(workflow.concurrency, workflow)
        if (job !== planned.job && job.concurrency && cuts(job.concurrency, null))
          groups.set(job.concurrency, workflow)
      }
    }
    return [...groups].map(([group, workflow]) => {
      const message = 'a run that starts cancels the deployment that runs, wherever that is'
      const fix = 'set cancel-in-progress: false: the later run then waits'
      const place = group.cancelInProgress ?? group
      return finding(context, name, 'warning', { workflow, place }, { message, fix })
    })
  },
}

/** Whether it cancels what runs, as planned; where that is not planned, as it is written. */
function cuts({ cancelInProgress }: Concurrency, planned: PlannedConcurrency | null): boolean {
  if (cancelInProgress === null) return false
  const { text } = cancelInProgress
  return planned === null
    ? /^(?:\$\{\{\s*)?true(?:\s*\}\})?$/.test(text)
    : planned.cancelsInProgress !== false
}
