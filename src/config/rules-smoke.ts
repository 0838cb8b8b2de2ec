import type { Path, Problem } from './problems.ts'
import { entriesAt, itemsAt, valueAt } from './raw.ts'

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** Placeholders must be captured by an earlier step or be variables some environment has. */
export function smokeRules(data: unknown): Problem[] {
  const captured = new Set<string>()
  const steps = [...itemsAt(data, ['smoke', 'basic']), ...itemsAt(data, ['smoke', 'full'])]
  return steps.flatMap(({ path, value }) => {
    const unknown = placeholdersOf(value)
      .filter(({ name }) => !captured.has(name) && !isVariable(data, name))
      .map(({ at, name }) => ({ path: [...path, ...at], message: undefinedPlaceholder(name) }))
    for (const [name] of entriesAt(value, ['capture'])) captured.add(name)
    return unknown
  })
}

function undefinedPlaceholder(name: string): string {
  const where = name.startsWith('env.')
    ? 'no environment has that variable in env, pass_env, env_file or variables'
    : 'no earlier step captures it'
  return `inserts {{${name}}}, but ${where}`
}

function placeholdersOf(step: unknown): { at: Path; name: string }[] {
  return ['path', 'headers', 'body', 'expect'].flatMap((key) =>
    textsOf(valueAt(step, [key]), [key]).flatMap(({ at, text }) =>
      [...text.matchAll(placeholder)].map((match) => ({ at, name: match[1] ?? '' })),
    ),
  )
}

function textsOf(value: unknown, at: Path): { at: Path; text: string }[] {
  if (typeof value === 'string') return [{ at, text: value }]
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => textsOf(item, [...at, index]))
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => textsOf(member, [...at, key]))
}

function isVariable(data: unknown, name: string): boolean {
  if (!name.startsWith('env.')) return false
  const variable = name.slice('env.'.length)
  return entriesAt(data, ['environments']).some(([, environment]) => {
    const passed = itemsAt(environment, ['pass_env']).some(({ value }) => value === variable)
    const file = valueAt(environment, ['env_file']) !== undefined
    const named = ['env', 'variables'].some(
      (key) => valueAt(environment, [key, variable]) !== undefined,
    )
    return passed || named || (file && /^\w+$/.test(variable))
  })
}
