import type { PyCall, PyValue } from '../python/value.ts'
import type { ColumnType } from '../sql/column-type.ts'

/** What Django's fields are in Postgres. `sized`: by which arguments, or how long when nobody says. */
const types = new Map<string, { name: string; sized?: string[]; length?: number }>([
  ['CharField', { name: 'varchar', sized: ['max_length'] }],
  ['SlugField', { name: 'varchar', sized: ['max_length'], length: 50 }],
  ['EmailField', { name: 'varchar', sized: ['max_length'], length: 254 }],
  ['URLField', { name: 'varchar', sized: ['max_length'], length: 200 }],
  ['FileField', { name: 'varchar', sized: ['max_length'], length: 100 }],
  ['ImageField', { name: 'varchar', sized: ['max_length'], length: 100 }],
  ['FilePathField', { name: 'varchar', sized: ['max_length'], length: 100 }],
  ['TextField', { name: 'text' }],
  ['SmallIntegerField', { name: 'int2' }],
  ['PositiveSmallIntegerField', { name: 'int2' }],
  ['SmallAutoField', { name: 'int2' }],
  ['IntegerField', { name: 'int4' }],
  ['PositiveIntegerField', { name: 'int4' }],
  ['AutoField', { name: 'int4' }],
  ['BigIntegerField', { name: 'int8' }],
  ['PositiveBigIntegerField', { name: 'int8' }],
  ['BigAutoField', { name: 'int8' }],
  ['FloatField', { name: 'float8' }],
  ['DecimalField', { name: 'numeric', sized: ['max_digits', 'decimal_places'] }],
  ['BooleanField', { name: 'bool' }],
  ['NullBooleanField', { name: 'bool' }],
  ['DateField', { name: 'date' }],
  ['DateTimeField', { name: 'timestamptz' }],
  ['TimeField', { name: 'time' }],
  ['DurationField', { name: 'interval' }],
  ['UUIDField', { name: 'uuid' }],
  ['BinaryField', { name: 'bytea' }],
  ['JSONField', { name: 'jsonb' }],
  ['GenericIPAddressField', { name: 'inet' }],
])

/** The type in Postgres of a field; undefined where that is not plain. */
export function columnTypeOf(field: string, { keywords, more }: PyCall): ColumnType | undefined {
  const type = types.get(field)
  if (!type || more) return undefined
  const given = (type.sized ?? []).map((name) => keywords.get(name))
  return { name: type.name, sizes: sizesOf(given, type.length), array: false }
}

function sizesOf(given: (PyValue | undefined)[], length: number | undefined): number[] | null {
  const sizes: number[] = []
  for (const value of given) {
    if (value === undefined || value.kind === 'none') {
      if (length !== undefined) sizes.push(length)
    } else if (value.kind === 'number') sizes.push(Number(value.text))
    else return null
  }
  return sizes
}
