import type { Constraint, ConstrType } from 'libpg-query'
import type { OperationFacts } from '../../../core/migration.ts'
import { draft, type Draft } from './draft.ts'
import { partsOf } from './tree.ts'

const kinds: Partial<Record<ConstrType, NonNullable<OperationFacts['constraint']>>> = {
  CONSTR_CHECK: 'check',
  CONSTR_PRIMARY: 'primary_key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_FOREIGN: 'foreign_key',
}

/** What a constraint of a table comes to; nothing for those that only say how another is checked. */
export function addedConstraint(table: string, body: Constraint | undefined): Draft[] {
  if (body?.contype === undefined) return []
  const notValid = { not_valid: body.skip_validation === true }
  if (body.contype === 'CONSTR_NOTNULL') {
    const [name = null] = partsOf(body.keys)
    return [draft('set_not_null', table, name, notValid)]
  }
  const constraint = kinds[body.contype]
  if (constraint === undefined) return []
  const takesOver = { concurrently: body.indexname !== undefined }
  // Each column of a primary key becomes NOT NULL, which reads all rows whoever made the index.
  const mayScan = constraint === 'primary_key' && takesOver.concurrently
  return [
    draft('add_constraint', table, body.conname ?? body.indexname, {
      constraint,
      ...(constraint === 'unique' || constraint === 'primary_key' ? takesOver : notValid),
    }),
    ...(mayScan ? [draft('set_not_null', table)] : []),
  ]
}
