import type { OperationFacts, OperationKind } from '../../../core/migration.ts'
import type { Column } from './column-type.ts'
import type { Seen } from './seen.ts'

/** An operation before it is known where it stands. */
export interface Draft {
  kind: OperationKind
  table: string | null
  name: string | null
  facts: OperationFacts
  /** Of a created table or column: it cannot have been there before. */
  fresh?: boolean
  /** Of a created table: it hides one of the same name, which is still there in its schema. */
  temporary?: boolean
  /** Which schema a name without one is in changes: to this, in words to compare. */
  searches?: string
  /** What is learnt about columns of the table. */
  columns?: Column[]
  /** The new name of what is renamed. */
  to?: string
}

/** What a statement of one kind comes to. */
export type Reader<Body> = (body: Body, seen: Seen) => Draft[]

export function draft(
  kind: OperationKind,
  table: string | null = null,
  name: string | null | undefined = null,
  facts: OperationFacts = {},
): Draft {
  return { kind, table, name: name ?? null, facts }
}

/** What nobody can tell, and why. */
export function unknown(why: string, table: string | null = null): Draft {
  return draft('unknown', table, null, { why })
}

/** What takes a lock, or changes what others may do: a person should look. */
export function change(
  object: string,
  why: string,
  rest: { table?: string | null; name?: string | null | undefined; lock?: string } = {},
): Draft {
  const { table = null, name, lock } = rest
  return draft('other_change', table, name, { object, why, ...(lock !== undefined && { lock }) })
}

export const harmless = (): Draft[] => [draft('harmless')]
