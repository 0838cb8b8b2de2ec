import type { MigrationOperation, OperationFacts } from '../../../core/migration.ts'
import { typeChange } from '../sql/column-type.ts'
import type { Field } from './fields.ts'

/** The kind of an operation on a column, the name of what it is about, and its facts. */
export type Change = [MigrationOperation['kind'], string | null, OperationFacts]

const uniqueness = { constraint: 'unique', concurrently: false } as const

/** What Django sends for a new field that has a column. */
export function additions(field: Field): Change[] {
  const { column, nullable, given, stays } = field
  const value = stays === 'none' ? given : stays
  const facts: OperationFacts = { default: value }
  if (nullable !== undefined) facts.nullable = nullable
  const changes: Change[] = [['add_column', column, facts]]
  // Django gives the default to the rows that are there, and takes it out again at once.
  if (stays === 'none' && given === 'constant' && nullable !== true) {
    changes.push(['drop_default', column, nullable === undefined ? {} : { nullable }])
  }
  if (field.target !== null) {
    const facts2: OperationFacts = { constraint: 'foreign_key', not_valid: value === 'none' }
    changes.push(['add_constraint', null, facts2])
  }
  if (field.positive)
    changes.push(['add_constraint', null, { constraint: 'check', not_valid: false }])
  if (field.unique) changes.push(['add_constraint', null, uniqueness])
  else if (field.index) changes.push(['create_index', null, { concurrently: false }])
  return changes
}

/** What Django sends when a field is described anew; nothing when the database does not see the difference. */
export function alterations(old: Field, now: Field): Change[] {
  return [
    ...ofColumn(old, now),
    ...ofType(old, now),
    ...ofNull(old, now),
    ...ofDefault(old, now),
    ...ofConstraints(old, now),
  ]
}

function ofColumn(old: Field, now: Field): Change[] {
  return old.column === now.column ? [] : [['rename_column', old.column, {}]]
}

function ofType(old: Field, now: Field): Change[] {
  const known = old.type && now.type
  const same = known
    ? JSON.stringify(old.type) === JSON.stringify(now.type) && old.type?.sizes !== null
    : !old.type && !now.type && old.detail === now.detail
  return same ? [] : [['alter_type', now.column, typeChange(old.type, now.type)]]
}

function ofNull(old: Field, now: Field): Change[] {
  if (now.nullable === undefined || old.nullable === undefined) {
    return [['unknown', now.column, { why: 'whether it accepts NULL is decided when it runs' }]]
  }
  if (old.nullable === now.nullable) return []
  if (now.nullable) return [['drop_not_null', now.column, {}]]
  // With a default Django fills the NULLs in the same transaction.
  const fills = now.given === 'constant' || now.stays !== 'none'
  const change: Change = ['set_not_null', now.column, {}]
  return fills ? [['update_rows', now.column, { has_where: true }], change] : [change]
}

function ofDefault(old: Field, now: Field): Change[] {
  if (now.stays !== 'none') return old.stays === now.stays ? [] : [['set_default', now.column, {}]]
  if (old.stays === 'none') return []
  const facts = now.nullable === undefined ? {} : { nullable: now.nullable }
  return [['drop_default', now.column, facts]]
}

function ofTarget(old: Field, now: Field): Change[] {
  if (old.target === now.target) return []
  const constraint = 'foreign_key'
  const dropped: Change[] = old.target === null ? [] : [['drop_constraint', null, { constraint }]]
  if (now.target === null) return dropped
  return [...dropped, ['add_constraint', null, { constraint, not_valid: false }]]
}

function ofConstraints(old: Field, now: Field): Change[] {
  const changes = ofTarget(old, now)
  if (old.unique && !now.unique) changes.push(['drop_constraint', null, { constraint: 'unique' }])
  if (!old.unique && now.unique) changes.push(['add_constraint', null, uniqueness])
  const [had, has] = [old.index && !old.unique, now.index && !now.unique]
  if (had && !has) changes.push(['drop_index', null, { concurrently: false }])
  if (!had && has) changes.push(['create_index', null, { concurrently: false }])
  if (!old.positive && now.positive) {
    changes.push(['add_constraint', null, { constraint: 'check', not_valid: false }])
  }
  return changes
}
