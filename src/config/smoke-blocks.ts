import { z } from 'zod'
import { readPath } from '../core/json-path.ts'
import { blocksOf } from './schema-smoke-blocks.ts'

/** A step as it could be written in the file. */
export type RawStep = Record<string, unknown> & { name: string }

/** The steps a block stands for, and those that undo what they did. */
export interface Expanded {
  steps: RawStep[]
  cleanup: RawStep[]
}

/** Blocks whose own keys are right; the steps of a journey may be anything. */
const anyBlock = z.discriminatedUnion('use', blocksOf(z.unknown()))

type Block = z.output<typeof anyBlock>
type Of<U extends Block['use']> = Extract<Block, { use: U }>

/** The steps of a block; null when it is none, or its own keys are not right. */
export function expandBlock(value: unknown): Expanded | null {
  const { success, data } = anyBlock.safeParse(value)
  return success ? expand(data) : null
}

/** Steps that make something, and those that undo it; most leave nothing. */
function only(...steps: RawStep[]): Expanded {
  return { steps, cleanup: [] }
}

function expand(block: Block): Expanded {
  switch (block.use) {
    case 'api_health':
      return only(apiHealth(block))
    case 'database':
    case 'redis':
      return store(block)
    case 'authentication':
      return only(...authentication(block))
    case 'journey':
      return { steps: named(block.name, block.steps), cleanup: named(block.name, block.cleanup) }
    case 'worker':
      return only(worker(block))
  }
}

function apiHealth({ name, path, json, version, timeout_seconds, retry }: Of<'api_health'>) {
  return { name, path, timeout_seconds, ...(retry && { retry }), expect: { json, version } }
}

/** Where a URL is given, directly; else in through an endpoint and out of it again. */
function store(block: Of<'database'> | Of<'redis'>): Expanded {
  const { name, url, path, headers, proof, timeout_seconds } = block
  if (url !== undefined) {
    const query = block.use === 'database' && block.query ? { query: block.query } : {}
    const kind = block.use === 'database' ? 'postgres' : 'redis'
    return only({ name, kind, url, round_trip: true, timeout_seconds, ...query })
  }
  if (proof === undefined) return roundTrip(block)
  return only({ name, path, headers, timeout_seconds, expect: { json_schema: filled(proof) } })
}

function roundTrip(block: Of<'database'> | Of<'redis'>): Expanded {
  const { name, path = '', headers, body = {}, id, timeout_seconds } = block
  const captured = `${name.replace(/\W+/g, '_')}_id`
  const place = (block.read ?? `${path}/{{id}}`).replaceAll(/\{\{\s*id\s*\}\}/g, `{{${captured}}}`)
  const capture = place.includes(`{{${captured}}}`) ? { [captured]: id } : {}
  const asks = (what: string, request: object): RawStep => {
    return { name: `${name}: ${what}`, headers, timeout_seconds, ...request }
  }
  const write = asks('write', {
    method: 'POST',
    path,
    body,
    capture,
    expect: { status: [200, 201] },
  })
  const read = asks('read back', { path: place, expect: { json: same(block) } })
  const status = [200, 202, 204]
  const remove = asks('delete', { method: 'DELETE', path: place, expect: { status } })
  return { steps: [write, read], cleanup: block.delete ? [remove] : [] }
}

/** Where in the answer which value of the body has to be. */
function same({ body = {}, within, same: fields }: Of<'database'> | Of<'redis'>) {
  const paths = fields ?? comparable(body)
  return Object.fromEntries(
    paths.map((path) => [
      within === undefined ? path : `${within}.${path}`,
      readPath(body, path) ?? null,
    ]),
  )
}

/** The fields of a body that a path can name. */
export function comparable(body: Record<string, unknown>): string[] {
  return Object.keys(body).filter((key) => /^[^.\s]+$/.test(key))
}

/** A JSON Schema: there is something at this path, and it is not nothing. */
function filled(path: string): Record<string, unknown> {
  const something = { not: { enum: [null, false, '', 0, [], {}] } }
  return path
    .split('.')
    .reduceRight<Record<string, unknown>>(
      (inner, key) => ({ type: 'object', required: [key], properties: { [key]: inner } }),
      something,
    )
}

function authentication(block: Of<'authentication'>): RawStep[] {
  const { name, path, body, token, header, scheme, refused, as, logout, timeout_seconds } = block
  const bearing = (value: string) => ({ headers: { [header]: `${scheme} ${value}`.trim() } })
  const asks = (what: string, status: number, request = {}): RawStep => {
    const step = { name: `${name}: ${what}`, path: block.protected, timeout_seconds }
    return { ...step, ...request, expect: { status } }
  }
  const login = {
    name: `${name}: log in`,
    method: 'POST',
    path,
    body,
    timeout_seconds,
    capture: { [as]: token },
    expect: { status: [200, 201] },
  }
  const mine = bearing(`{{${as}}}`)
  return [
    login,
    asks('in with the token', 200, mine),
    asks('refused without a token', refused),
    asks('refused with a wrong token', refused, bearing('gonogo-made-this-up')),
    ...(logout ? [loggingOut(block, logout, mine)] : []),
    ...(logout?.ends_token ? [asks('refused after the logout', refused, mine)] : []),
  ]
}

function loggingOut(
  { name, timeout_seconds }: Of<'authentication'>,
  { path, method }: NonNullable<Of<'authentication'>['logout']>,
  mine: { headers: Record<string, string> },
): RawStep {
  const expect = { status: [200, 202, 204, 205] }
  return { name: `${name}: log out`, method, path, timeout_seconds, expect, ...mine }
}

function worker({ use: _use, retry, ...block }: Of<'worker'>): RawStep {
  return { kind: 'worker', ...block, ...(retry && { retry }) }
}

/** The steps of a journey with its name before their own. */
function named(journey: string, steps: readonly unknown[]): RawStep[] {
  return steps.map((step) => {
    const { name = '', ...rest } = Object(step) as { name?: unknown }
    return { ...rest, name: `${journey}: ${String(name)}` }
  })
}
