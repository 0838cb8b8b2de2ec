import type { Scope } from './evaluate.ts'
import { textOf, type DeclaredInput, type Job } from './model.ts'
import { evaluateNode, evaluateText } from './text.ts'
import { known, partial, type Partial, type Value } from './value.ts'

/** The context `inputs` of a called workflow. */
export function callInputs(job: Job, declared: readonly DeclaredInput[], scope: Scope): Partial {
  const values = declared.map((input) => {
    const given = textOf(job.with, input.name)
    return [input.name, given === null ? defaultOf(input, scope) : evaluateNode(given, scope)]
  })
  return partial(Object.fromEntries(values))
}

function defaultOf(input: DeclaredInput, scope: Scope): Value {
  if (typeof input.default === 'string') return evaluateText(input.default, scope)
  if (input.default !== null) return known(input.default)
  return known(input.type === 'boolean' ? false : input.type === 'number' ? 0 : '')
}
