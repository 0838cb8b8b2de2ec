import { readPath } from '../core/json-path.ts'
import { placeholdersIn } from '../core/smoke.ts'
import type { Path, Problem } from './problems.ts'
import { entriesAt, itemsAt, valueAt } from './raw.ts'
import { comparable, expandBlock } from './smoke-blocks.ts'

interface Entry {
  path: Path
  value: unknown
}

const suites = ['setup', 'basic', 'full'] as const

/**
 * The steps of a list with those of its blocks in their places; problems of these are told at the
 * block. The teardown begins with what the blocks clean up, the last one first.
 */
export function stepsAt(data: unknown, list: string): Entry[] {
  const own = itemsAt(data, ['smoke', list])
  if (list !== 'teardown') return own.flatMap((entry) => replaced(entry, 'steps'))
  const blocks = suites.flatMap((suite) => itemsAt(data, ['smoke', suite])).toReversed()
  return [...blocks.flatMap((entry) => (isBlock(entry) ? replaced(entry, 'cleanup') : [])), ...own]
}

function replaced(entry: Entry, part: 'steps' | 'cleanup'): Entry[] {
  if (!isBlock(entry)) return [entry]
  const steps = expandBlock(entry.value)?.[part] ?? []
  // A journey's steps are in the file themselves.
  const isWritten = valueAt(entry.value, ['use']) === 'journey'
  return steps.map((value, index) => ({
    path: isWritten ? [...entry.path, part, index] : entry.path,
    value,
  }))
}

function isBlock({ value }: Entry): boolean {
  return valueAt(value, ['use']) !== undefined
}

/** What must hold between the keys of the ready-made blocks. */
export function blockRules(data: unknown): Problem[] {
  return suites
    .flatMap((suite) => itemsAt(data, ['smoke', suite]))
    .flatMap((entry) => {
      const use = valueAt(entry.value, ['use'])
      if (use === 'database' || use === 'redis') return storeProblems(entry)
      return use === 'worker' ? workerProblems(entry) : []
    })
}

function storeProblems(entry: Entry): Problem[] {
  const { has, at } = keysOf(entry)
  if (has('url')) return notWith(entry, 'url', ['path', 'headers', 'proof', ...ofRoundTrip, 'body'])
  if (!has('path')) {
    return [at('path', 'is missing: the block needs path, or url to ask directly')]
  }
  const query = has('query') ? [at('query', 'is for url, which is not set')] : []
  if (has('proof')) return [...query, ...notWith(entry, 'proof', ['body', ...ofRoundTrip])]
  if (!has('body')) {
    const why = 'an endpoint that only says it is well proves nothing'
    return [...query, at('body', `is missing: ${why}; store a value, or name a field as proof`)]
  }
  return [...query, ...incomparable(entry)]
}

const ofRoundTrip = ['id', 'read', 'within', 'same', 'delete']

function incomparable(entry: Entry): Problem[] {
  const { has, at } = keysOf(entry)
  const body = Object.fromEntries(entriesAt(entry.value, ['body']))
  if (!has('same') && comparable(body).length === 0) {
    return [at('body', 'has nothing that can come back the same: give it a field')]
  }
  return [...repeatable(entry, body), ...unknownFields(entry, body)]
}

/** A store that loses what it gets would pass with what an earlier run left at the same place. */
function repeatable({ value, path }: Entry, body: Record<string, unknown>): Problem[] {
  const [read = '{{id}}', below] = [valueAt(value, ['read']), valueAt(value, ['path'])]
  const isNewPlace = /\{\{\s*id\s*\}\}/.test(String(read)) && valueAt(value, ['delete']) !== false
  const fields = itemsAt(value, ['same']).map((item) => String(item.value))
  const back = (fields.length > 0 ? fields : comparable(body)).map((field) => readPath(body, field))
  const isNew = placeholdersIn([read, below, back]).includes('run.id')
  if (isNewPlace || isNew) return []
  const message =
    'has no {{run.id}} in what must come back: an old value could be taken for a new one'
  return [{ path: [...path, 'body'], message }]
}

function unknownFields(entry: Entry, body: Record<string, unknown>): Problem[] {
  return itemsAt(entry.value, ['same'])
    .filter(({ value }) => valueAt(body, String(value).split('.')) === undefined)
    .map(({ path, value }) => ({
      path: [...entry.path, ...path],
      message: `names ${JSON.stringify(value)}, which is not in body`,
    }))
}

function workerProblems(entry: Entry): Problem[] {
  const { has, at } = keysOf(entry)
  if (has('path') === has('url')) {
    const message = has('path')
      ? 'must not be there together with path'
      : 'is missing: the block needs path, or url with query or key'
    return [at(has('path') ? 'url' : 'path', message)]
  }
  const unused = has('path')
    ? notWith(entry, 'path', ['query', 'key'])
    : notWith(entry, 'url', ['headers', 'workers', 'last_seen', 'at_least'])
  return [...unused, ...(has('path') ? endpointProblems(entry) : directProblems(entry))]
}

function endpointProblems(entry: Entry): Problem[] {
  const { has, at } = keysOf(entry)
  if (!has('workers') && !has('last_seen')) {
    return [at('workers', 'is missing: name the list of workers, or last_seen')]
  }
  const problems = has('at_least') && !has('workers') ? [at('at_least', 'is for workers')] : []
  return [...problems, ...aged(entry, has('last_seen'), 'last_seen')]
}

function directProblems(entry: Entry): Problem[] {
  const { has, at } = keysOf(entry)
  if (has('query') && has('key')) return [at('key', 'must not be there together with query')]
  if (has('key')) return []
  return has('query')
    ? aged(entry, true, 'query')
    : [at('query', 'is missing: ask a PostgreSQL with query, or a Redis with key')]
}

/** An age and the limit of it belong together. */
function aged(entry: Entry, hasAge: boolean, key: string): Problem[] {
  const { has, at } = keysOf(entry)
  if (hasAge === has('max_age_seconds')) return []
  return [at('max_age_seconds', hasAge ? `is missing: ${key} needs it` : `is for ${key}`)]
}

function notWith(entry: Entry, key: string, others: readonly string[]): Problem[] {
  const { has, at } = keysOf(entry)
  return others
    .filter((other) => has(other))
    .map((other) => at(other, `must not be there together with ${key}`))
}

function keysOf({ path, value }: Entry) {
  return {
    has: (key: string) => valueAt(value, [key]) !== undefined,
    at: (key: string, message: string): Problem => ({ path: [...path, key], message }),
  }
}
