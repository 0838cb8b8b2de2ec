import type { Rule, RuleContext } from '../rule.ts'
import { sameName } from '../../same-name.ts'
import { finding } from './finding.ts'
import { once } from './jobs.ts'
import { isTarget } from './words.ts'

const name = 'wrong-environment'

/** What was consented to is one environment; another one would be changed, too, or instead. */
export const wrongEnvironment: Rule = {
  name,
  check(context) {
    const { request, plan } = context
    const { environment } = request
    if (environment === null) return []
    const reached = plan.deploys.some((other) => sameName(other, environment))
    const others = plan.jobs.filter(
      (job) =>
        job.runs === true && job.environment !== null && !sameName(job.environment, environment),
    )
    return once(others).map(({ id, job, workflow, environment: other }) => {
      const severity = !reached || isTarget(other!) ? 'error' : 'warning'
      const instead = reached ? 'too, though only' : 'though'
      const message = `the job ${id} runs against ${other}, ${instead} ${environment} was asked for`
      const fix = `take the environment from the input, or give the job a condition that is false for ${environment}`
      return finding(context, name, severity, spotOf(workflow, job), { message, fix })
    })
  },
}

function spotOf(workflow: RuleContext['workflow'], job: RuleContext['workflow']['jobs'][number]) {
  return { workflow, place: job.environment ?? job }
}
