import { referencesIn } from '../expression.ts'
import type { Workflow } from '../model.ts'
import type { Rule } from '../rule.ts'
import { expressionsIn } from '../template.ts'
import { finding } from './finding.ts'

const name = 'unread-input'

/** Whoever sets an input believes that it decides something. */
export const unreadInput: Rule = {
  name,
  check(context) {
    const { workflow } = context
    if (readsThemOtherwise(workflow)) return []
    const read = inputsRead(workflow)
    if (read === 'all') return []
    return workflow.inputs
      .filter((input) => !read.has(input.name.toLowerCase()))
      .map((input) => {
        const message = `nobody reads the input ${input.name}: whatever is sent, nothing is different`
        const fix = `use inputs.${input.name} where it should decide, or remove it`
        return finding(context, name, 'warning', { workflow, place: input }, { message, fix })
      })
  },
}

/** Scripts can read the whole event, which no expression shows. */
function readsThemOtherwise({ source }: Workflow): boolean {
  return /GITHUB_EVENT_PATH|payload\.inputs/.test(source)
}

function inputsRead({ root }: Workflow): ReadonlySet<string> | 'all' {
  const read = new Set<string>()
  for (const { source } of expressionsIn(root)) {
    for (const path of referencesIn(source)) {
      if (/^(?:inputs|github\.event|github|github\.event\.inputs|.*\.\*)$/.test(path)) return 'all'
      const [, input] = /^(?:github\.event\.)?inputs\.([^.]+)/.exec(path) ?? []
      if (input !== undefined) read.add(input)
    }
  }
  return read
}
