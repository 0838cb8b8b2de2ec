import { inputProblems } from '../../dispatch/input-problems.ts'
import type { Rule } from '../rule.ts'
import { finding } from './finding.ts'

const name = 'refused-input'

/** GitHub's own limit; its Enterprise Server takes fewer, which the dispatch checks. */
const mostInputs = 25

/** GitHub refuses the whole start, or the workflow would read something else than was meant. */
export const refusedInput: Rule = {
  name,
  check(context) {
    const { request, workflow } = context
    const event = workflow.events.find((candidate) => candidate.name === 'workflow_dispatch')
    if (request.event !== 'workflow_dispatch' || !event) return []
    const declared = new Map(workflow.inputs.map((input) => [input.name, input]))
    const problems = inputProblems({ declared, configured: {}, inputs: request.inputs, mostInputs })
    return problems.map((problem) => {
      const { input } = problem
      const place = (input !== null && declared.get(input)) || event
      const message = `${problem.message}: GitHub refuses to start the workflow`
      const how =
        input === null
          ? 'fewer or shorter inputs'
          : `what ${input} takes (--input ${input}=VALUE, or github.inputs in gonogo.yaml)`
      const fix = `send ${how}, or change what the workflow declares`
      return finding(context, name, 'error', { workflow, place }, { message, fix })
    })
  },
}
