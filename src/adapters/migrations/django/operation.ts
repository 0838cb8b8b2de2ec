import type { MigrationOperation, OperationFacts } from '../../../core/migration.ts'
import { lineOf, shown } from '../python/node.ts'
import { addOperation, type Report } from '../python/report.ts'
import { argument, textOf, type PyCall, type PyValue } from '../python/value.ts'
import { isManaged, tableOf, type AppState } from './state.ts'

/** One entry of a migration's list of operations. */
export interface Entry {
  call: PyCall
  state: AppState
  report: Report
  /** Entries that are left to be looked at: they can hold each other over and over. */
  budget: { left: number }
}

/** What an entry does to the database and to what is known of the models. */
export type Act = (entry: Entry) => void

export function value({ call }: Entry, position: number, name: string): PyValue | undefined {
  return argument(call, position, name)
}

export function text(entry: Entry, position: number, name: string): string | null {
  return textOf(value(entry, position, name))
}

/** Notes an operation on a model's table, unless the table is not Django's to change. */
export function add(
  entry: Entry,
  model: string | null,
  kind: MigrationOperation['kind'],
  told: { name?: string | null; facts?: OperationFacts; table?: string | null } = {},
): void {
  const { call, state, report } = entry
  const { name = null, facts = {}, table = tableOf(state, model) } = told
  const place = { line: lineOf(call.node), statement: shown(call.node) }
  if (isManaged(state, model)) addOperation(report, { ...place, kind, table, name, facts })
  else harmless(entry)
}

export function harmless({ call, report }: Entry): void {
  const place = { line: lineOf(call.node), statement: shown(call.node) }
  addOperation(report, { ...place, kind: 'harmless', table: null, name: null, facts: {} })
}
