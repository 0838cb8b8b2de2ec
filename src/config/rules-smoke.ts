import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, itemsAt, valueAt } from './raw.ts'
import { blockRules, stepsAt } from './rules-smoke-blocks.ts'
import { stepUrlProblems } from './rules-smoke-hosts.ts'

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

interface Entry {
  path: Path
  value: unknown
}

/** Placeholders must be captured by an earlier step or be variables some environment has. */
export function smokeRules(data: unknown): Problem[] {
  const lists = ['setup', 'basic', 'full', 'teardown'].map((list) => stepsAt(data, list))
  const captured = new Set<string>()
  const unknown = lists.flatMap(groupsOf).flatMap((group) => {
    const problems = group.flatMap((entry) => unknownPlaceholders(data, entry, captured))
    // What parallel steps capture is there once all of them have ended.
    for (const name of group.flatMap(({ value }) => capturesOf(value))) captured.add(name)
    return problems
  })
  const steps = lists.flat()
  return [
    ...blockRules(data),
    ...unknown,
    ...steps.flatMap(placeProblems),
    ...stepUrlProblems(data, steps),
    ...steps.flatMap(latencyWithoutLimit),
  ]
}

/** Parallel steps that stand next to each other run together. */
function groupsOf(entries: readonly Entry[]): Entry[][] {
  const isParallel = (entry: Entry | undefined) => valueAt(entry?.value, ['parallel']) === true
  const groups: Entry[][] = []
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last && isParallel(entry) && isParallel(last[0])) last.push(entry)
    else groups.push([entry])
  }
  return groups
}

function capturesOf(step: unknown): string[] {
  return ['capture', 'capture_headers'].flatMap((key) =>
    entriesAt(step, [key]).map(([name]) => name),
  )
}

function unknownPlaceholders(
  data: unknown,
  { path, value }: Entry,
  captured: ReadonlySet<string>,
): Problem[] {
  return placeholdersOf(value)
    .filter(({ name }) => !captured.has(name) && !isVariable(data, name))
    .map(({ at, name }) => ({ path: [...path, ...at], message: undefinedPlaceholder(name) }))
}

function undefinedPlaceholder(name: string): string {
  const where = name.startsWith('env.')
    ? 'no environment has that variable in env, pass_env, env_file or variables'
    : 'no earlier step captures it'
  return `inserts {{${name}}}, but ${where}`
}

/** Names are for people, and captures are places in an answer: nothing is inserted there. */
const withoutPlaceholders = new Set(['name', 'capture', 'capture_headers'])

function placeholdersOf(step: unknown): { at: Path; name: string }[] {
  return entriesAt(step, [])
    .filter(([key]) => !withoutPlaceholders.has(key))
    .flatMap(([key, value]) =>
      textsOf(value, [key]).flatMap(({ at, text }) =>
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
  if (name === 'run.id') return true
  if (!name.startsWith('env.')) return false
  const variable = name.slice('env.'.length)
  return environmentNames(data).some((environment) => {
    const at: Path = ['environments', environment]
    const passed = itemsAt(data, [...at, 'pass_env']).some(({ value }) => value === variable)
    const file = valueAt(data, [...at, 'env_file']) !== undefined
    const named = ['env', 'variables'].some(
      (key) => valueAt(data, [...at, key, variable]) !== undefined,
    )
    return passed || named || (file && /^\w+$/.test(variable))
  })
}

/** Where an HTTP step goes: exactly one of two keys. */
function placeProblems({ path, value }: Entry): Problem[] {
  if (value === null || typeof value !== 'object' || !isHttp(value)) return []
  const [below, absolute] = [valueAt(value, ['path']), valueAt(value, ['url'])]
  if (below === undefined && absolute === undefined) {
    return [{ path: [...path, 'path'], message: 'is missing' }]
  }
  if (below === undefined || absolute === undefined) return []
  return [{ path: [...path, 'url'], message: 'must not be there together with path' }]
}

function isHttp(step: object): boolean {
  return (
    ['http', undefined].includes(valueAt(step, ['kind']) as string | undefined) && !('use' in step)
  )
}

function latencyWithoutLimit({ path, value }: Entry): Problem[] {
  const at = ['expect', 'latency']
  const keys = entriesAt(value, at).map(([key]) => key)
  const isMeasured = valueAt(value, at) !== undefined && valueAt(value, at) !== null
  if (!isMeasured || keys.some((key) => key.endsWith('_ms'))) return []
  return [{ path: [...path, ...at], message: 'has no limit: set p95_ms or another percentile' }]
}
