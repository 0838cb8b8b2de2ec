import type { Rule } from '../rule.ts'
import { finding } from './finding.ts'

const name = 'undeclared-input'

/** GitHub refuses the whole start. */
export const undeclaredInput: Rule = {
  name,
  check(context) {
    const { request, workflow } = context
    if (request.event !== 'workflow_dispatch') return []
    const event = workflow.events.find((candidate) => candidate.name === 'workflow_dispatch')
    if (!event) return []
    const declared = workflow.inputs.map((input) => input.name.toLowerCase())
    return Object.keys(request.inputs)
      .filter((input) => !declared.includes(input.toLowerCase()))
      .map((input) => {
        const message = `the input ${input} is sent and not declared: GitHub refuses to start the workflow`
        const fix = `declare ${input} below workflow_dispatch.inputs, or do not send it`
        return finding(context, name, 'error', { workflow, place: event }, { message, fix })
      })
  },
}
