import { argument, calledName, type PyCall, type PyValue } from '../python/value.ts'
import type { ColumnType } from '../sql/column-type.ts'

/** What SQLAlchemy's types are called in Postgres; `sized`: by which of their arguments. */
const types = new Map<string, { name: string; sized?: string[] }>([
  ['String', { name: 'varchar', sized: ['length'] }],
  ['Unicode', { name: 'varchar', sized: ['length'] }],
  ['AutoString', { name: 'varchar', sized: ['length'] }],
  ['VARCHAR', { name: 'varchar', sized: ['length'] }],
  ['CHAR', { name: 'bpchar', sized: ['length'] }],
  ['Text', { name: 'text' }],
  ['TEXT', { name: 'text' }],
  ['UnicodeText', { name: 'text' }],
  ['SmallInteger', { name: 'int2' }],
  ['SMALLINT', { name: 'int2' }],
  ['Integer', { name: 'int4' }],
  ['INTEGER', { name: 'int4' }],
  ['INT', { name: 'int4' }],
  ['BigInteger', { name: 'int8' }],
  ['BIGINT', { name: 'int8' }],
  ['Numeric', { name: 'numeric', sized: ['precision', 'scale'] }],
  ['NUMERIC', { name: 'numeric', sized: ['precision', 'scale'] }],
  ['DECIMAL', { name: 'numeric', sized: ['precision', 'scale'] }],
  ['REAL', { name: 'float4' }],
  ['Double', { name: 'float8' }],
  ['DOUBLE', { name: 'float8' }],
  ['DOUBLE_PRECISION', { name: 'float8' }],
  ['Boolean', { name: 'bool' }],
  ['BOOLEAN', { name: 'bool' }],
  ['Date', { name: 'date' }],
  ['DATE', { name: 'date' }],
  ['JSON', { name: 'json' }],
  ['JSONB', { name: 'jsonb' }],
  ['UUID', { name: 'uuid' }],
  ['Uuid', { name: 'uuid' }],
  ['LargeBinary', { name: 'bytea' }],
  ['BYTEA', { name: 'bytea' }],
])

const timestamps = /^(?:DateTime|DATETIME|TIMESTAMP)$/

/** The type in Postgres of a type in SQLAlchemy; undefined where that is not plain. */
export function columnTypeOf(value: PyValue | undefined): ColumnType | undefined {
  const name = value && calledName(value)?.split('.').at(-1)
  if (!value || name === undefined) return undefined
  const call = value.kind === 'call' ? value.call : null
  if (name === 'ARRAY') {
    const inner = columnTypeOf(call?.args[0])
    return inner && { ...inner, array: true }
  }
  if (timestamps.test(name)) return timestampOf(call)
  const type = types.get(name)
  return type && { name: type.name, sizes: sizesOf(call, type.sized), array: false }
}

function timestampOf(call: PyCall | null): ColumnType | undefined {
  const zone = call && argument(call, 0, 'timezone')
  if (zone && zone.kind !== 'bool') return undefined
  return { name: zone?.value === true ? 'timestamptz' : 'timestamp', sizes: [], array: false }
}

function sizesOf(call: PyCall | null, names: readonly string[] = []): number[] | null {
  if (!call) return []
  const given = names.map((name, index) => argument(call, index, name))
  const sizes = given.filter((value) => value !== undefined && value.kind !== 'none')
  if (call.more || sizes.some((value) => value?.kind !== 'number')) return null
  return sizes.map((value) => (value?.kind === 'number' ? Number(value.text) : 0))
}
