import type { ColumnDef, Constraint } from 'libpg-query'
import type { OperationFacts } from '../../../core/migration.ts'
import { columnTypeOf, defaultOf, type Column } from './column-type.ts'
import { addedConstraint } from './constraints.ts'
import { draft, type Draft } from './draft.ts'
import { bodiesOf, typeNameOf } from './tree.ts'

const serials = new Set(['serial', 'serial4', 'serial8', 'bigserial', 'smallserial', 'serial2'])

/** What a migration learns of a column from where it is made. */
export function columnOf(column: ColumnDef): Column {
  const { colname = '', typeName } = column
  return { name: colname, type: columnTypeOf(typeName), nullable: accepts(column).nullable }
}

interface Accepts {
  nullable: boolean
  default: NonNullable<OperationFacts['default']>
}

function accepts({ typeName, constraints, raw_default }: ColumnDef): Accepts {
  const parts = bodiesOf(constraints, 'Constraint')
  const has = (...types: Constraint['contype'][]) =>
    parts.some(({ contype }) => types.includes(contype))
  // A serial, an identity and a stored column are worked out row by row: PostgreSQL, "ALTER TABLE", Notes.
  const isSerial = serials.has(typeNameOf(typeName))
  const generated = parts.find(({ contype }) => contype === 'CONSTR_GENERATED')
  const isVirtual = generated?.generated_kind === 'v'
  const computed = isSerial || has('CONSTR_IDENTITY') || (generated !== undefined && !isVirtual)
  const value = parts.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr ?? raw_default
  const isFilled = isSerial || has('CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY')
  return {
    nullable: !isFilled,
    default: computed ? 'computed' : isVirtual ? 'constant' : defaultOf(value),
  }
}

/** A new column, and the constraints that are written beside it. */
export function addedColumn(
  table: string,
  column: ColumnDef | undefined,
  mayExist: boolean,
): Draft[] {
  if (column === undefined) return []
  const facts = accepts(column)
  const beside = bodiesOf(column.constraints, 'Constraint').flatMap((constraint) =>
    besideColumn(table, constraint, facts),
  )
  const added = draft('add_column', table, column.colname, { ...facts })
  const fresh = mayExist ? { fresh: false } : {}
  return [{ ...added, ...fresh, columns: [columnOf(column)] }, ...beside]
}

/** A column of NULLs breaks no rule, so that nothing has to be read for a foreign key. */
function besideColumn(table: string, constraint: Constraint, { default: value }: Accepts): Draft[] {
  if (constraint.contype === 'CONSTR_NOTNULL') return []
  const isFree = constraint.contype === 'CONSTR_FOREIGN' && value === 'none'
  return addedConstraint(table, isFree ? { ...constraint, skip_validation: true } : constraint)
}
