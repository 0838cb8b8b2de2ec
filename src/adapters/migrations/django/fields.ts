import type { OperationFacts } from '../../../core/migration.ts'
import { calledName, isNone, textOf, type PyCall, type PyValue } from '../python/value.ts'
import type { ColumnType } from '../sql/column-type.ts'
import { columnTypeOf } from './column-types.ts'

/** A field of a model, as far as it matters to the database. */
export interface Field {
  /** Such as `CharField`. */
  kind: string
  /** Null: it has no column of its own. */
  column: string | null
  type: ColumnType | undefined
  /** Undefined: decided when it runs. */
  nullable: boolean | undefined
  /** What rows that are there get while it is added; Django takes it out of the database afterwards. */
  given: 'none' | 'constant'
  /** What stays in the database. */
  stays: NonNullable<OperationFacts['default']>
  unique: boolean
  index: boolean
  /** What a foreign key points to, as it is written; null without a constraint. */
  target: string | null
  /** A table of its own that joins the two models. */
  joins: boolean
  /** Django adds CHECK (column >= 0). */
  positive: boolean
  /** What else the database may see, in words to compare. */
  detail: string
}

const relations = /^(?:ForeignKey|OneToOneField)$/
const columnless = /^(?:ManyToManyField|GenericRelation|TaggableManager)$/
const autos = /^(?:Small|Big)?AutoField$/
const emptyText = /^(?:Char|Text|Slug|Email|URL|File|Image|FilePath|CommaSeparatedInteger)Field$/

/** Null: it is not written as a field. */
export function fieldOf(name: string | null, value: PyValue | undefined): Field | null {
  const kind = value && calledName(value)?.split('.').at(-1)
  if (value?.kind !== 'call' || kind === undefined) return null
  const { call } = value
  return {
    kind,
    column: columnless.test(kind) ? null : columnOf(name, kind, call),
    type: isDjangos(value) ? columnTypeOf(kind, call) : undefined,
    nullable: kind === 'NullBooleanField' ? true : nullableOf(call),
    given: givenOf(kind, call),
    stays: staysOf(kind, call),
    unique: uniqueOf(kind, call),
    index: indexOf(kind, call),
    target: targetOf(kind, call),
    joins: kind === 'ManyToManyField' && call.keywords.get('through') === undefined,
    positive: kind.startsWith('Positive'),
    detail: detailOf(kind, call),
  }
}

/** A class of the same name from elsewhere may be any type, and one that is told how it sorts is more than that. */
function isDjangos(value: PyValue): boolean {
  const isOwn = (calledName(value) ?? '').startsWith('django.')
  return isOwn && value.kind === 'call' && isNone(value.call.keywords.get('db_collation'))
}

function uniqueOf(kind: string, { keywords }: PyCall): boolean {
  const told = isTrue(keywords.get('unique')) || isTrue(keywords.get('primary_key'))
  return told || kind === 'OneToOneField'
}

function indexOf(kind: string, { keywords }: PyCall): boolean {
  const told = keywords.get('db_index')
  return told ? isTrue(told) : relations.test(kind) || kind === 'SlugField'
}

const cosmetic =
  /^(?:help_text|verbose_name|null|blank|default|choices|validators|db_index|unique|editable|related_name|related_query_name|on_delete|db_comment|error_messages|serialize|limit_choices_to)$/

/** What the database may see of a field whose type is not plain. */
function detailOf(kind: string, { args, keywords }: PyCall): string {
  const named = [...keywords].filter(([key]) => !cosmetic.test(key))
  // A relation is told by what it points to.
  const shape = relations.test(kind) ? 'relation' : kind
  const told = named.map(([key, value]) => `${key}=${written(value)}`)
  return [shape, ...args.map((one) => written(one)), ...told.toSorted()].join(' ')
}

/** A value in words that are the same for the same value. */
function written(value: PyValue, depth = 0): string {
  if (value.kind === 'text') return JSON.stringify(value.text.toLowerCase())
  if (value.kind === 'number') return value.text
  if (value.kind === 'bool') return String(value.value)
  if (depth > 4) return value.kind
  const inner = (one: PyValue) => written(one, depth + 1)
  if (value.kind === 'list') return `[${value.items.slice(0, 50).map(inner).join()}]`
  if (value.kind === 'name') return value.name
  if (value.kind !== 'call') return value.kind
  const { args, keywords } = value.call
  const named = [...keywords].map(([key, one]) => `${key}=${inner(one)}`)
  return `${calledName(value) ?? ''}(${[...args.map(inner), ...named].join()})`
}

function isTrue(value: PyValue | undefined): boolean {
  return value?.kind === 'bool' && value.value
}

function isFalse(value: PyValue | undefined): boolean {
  return value?.kind === 'bool' && !value.value
}

function columnOf(name: string | null, kind: string, { keywords }: PyCall): string | null {
  const told = textOf(keywords.get('db_column'))
  return told ?? (relations.test(kind) && name !== null ? `${name}_id` : name)
}

function nullableOf({ keywords, more }: PyCall): boolean | undefined {
  const value = keywords.get('null')
  if (value === undefined) return more ? undefined : false
  return value.kind === 'bool' ? value.value : undefined
}

/** As `effective_default` of Django's schema editor: what is computed is so once, in Python. */
function givenOf(kind: string, { keywords }: PyCall): Field['given'] {
  const value = keywords.get('default')
  if (value !== undefined) return value.kind === 'none' ? 'none' : 'constant'
  const now = isTrue(keywords.get('auto_now')) || isTrue(keywords.get('auto_now_add'))
  const empty = isTrue(keywords.get('blank')) && !isTrue(keywords.get('null'))
  return now || (empty && emptyText.test(kind)) ? 'constant' : 'none'
}

function staysOf(kind: string, { keywords }: PyCall): Field['stays'] {
  if (autos.test(kind)) return 'computed'
  if (kind === 'GeneratedField')
    return isFalse(keywords.get('db_persist')) ? 'constant' : 'computed'
  const value = keywords.get('db_default')
  if (value === undefined) return 'none'
  if (['text', 'number', 'bool'].includes(value.kind)) return 'constant'
  return /\b(?:Now|Value)$/.test(calledName(value) ?? '') ? 'constant' : 'computed'
}

function targetOf(kind: string, { args, keywords }: PyCall): string | null {
  if (!relations.test(kind) || isFalse(keywords.get('db_constraint'))) return null
  const to = keywords.get('to') ?? args[0]
  if (to?.kind === 'text') return to.text.toLowerCase()
  return to?.kind === 'name' ? to.name : ''
}
