import type * as z from 'zod'
import { Failure } from '../../core/failure.ts'
import { nearest } from '../../core/text.ts'

/** A tool's validated arguments, or a failure that names each field and value that is wrong. */
export function parseInput<I extends z.ZodObject>(
  name: string,
  schema: I,
  raw: unknown,
): z.output<I> {
  const known = Object.keys(schema.shape)
  const result = schema.strict().safeParse(raw ?? {})
  if (result.success) return result.data as z.output<I>
  throw new Failure({
    code: 'invalid_input',
    message: `${name}: ${result.error.issues.map((issue) => describe(issue, raw, known)).join('; ')}`,
    hint: `call ${name} again with the corrected arguments; it takes ${known.join(', ')}`,
    details: { fields: result.error.issues.map((issue) => issue.path.join('.')) },
  })
}

function describe(issue: z.core.$ZodIssue, raw: unknown, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownArgument(key, known)).join('; ')
  }
  const field = issue.path.join('.') || 'arguments'
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
    raw,
  )
  // A token typed into the wrong place must not come back in an error.
  const shown = field === 'approval_token' ? 'the value given' : JSON.stringify(value)
  return value === undefined
    ? `${field} is missing`
    : `${field}: ${shown?.slice(0, 80)}: ${issue.message}`
}

function unknownArgument(key: string, known: readonly string[]): string {
  const guess = nearest(key, known)
  return `${key} is not an argument${guess ? `, did you mean ${guess}?` : ''}`
}
