import type { MigrationOperation } from '../../../core/migration.ts'
import { lineOf, shown, type PyNode } from './node.ts'
import type { PyText } from './value.ts'

/** How values are left open in a text of SQL: `:name`, `%s` or `%(name)s`, or not at all. */
export type Placeholders = 'colon' | 'percent' | 'none'

/** What a migration does, as it was come across; SQL is read afterwards, because that takes a promise. */
export type Step = { branch: string } & (
  | OperationStep
  | { sql: PyText; placeholders: Placeholders; node: PyNode }
)

export interface OperationStep {
  operation: MigrationOperation
  /** Of a new column: its default as an expression of SQL, still to be read. */
  defaultSql?: string
  /** Of changed rows: the columns that are written. */
  writes?: string[]
  /** Of a created table: it may be there already. */
  mayExist?: boolean
}

export interface Report {
  steps: Step[]
  /** Which condition or loop the next step is in: steps of one branch happen together. */
  branch: string
  branches: number
}

export function createReport(): Report {
  return { steps: [], branch: '', branches: 0 }
}

export function addOperation(
  report: Report,
  operation: MigrationOperation,
  more: Omit<OperationStep, 'operation'> = {},
): void {
  report.steps.push({ branch: report.branch, operation, ...more })
}

export function addSql(
  report: Report,
  sql: { sql: PyText; placeholders: Placeholders; node: PyNode },
): void {
  report.steps.push({ branch: report.branch, ...sql })
}

export function addUnknown(report: Report, node: PyNode, why: string): void {
  addOperation(report, unknownAt({ line: lineOf(node), statement: shown(node) }, why))
}

export function unknownAt(
  { line, statement }: { line: number; statement: string },
  why: string,
): MigrationOperation {
  return { kind: 'unknown', line, statement, table: null, name: null, facts: { why } }
}

/** Runs what may happen or not. Whatever it adds is kept apart; whether it added anything is returned. */
export function inBranch(report: Report, act: () => void): Step[] {
  const { branch, steps } = report
  const before = steps.length
  report.branch = `${branch}/${++report.branches}`
  act()
  report.branch = branch
  return steps.slice(before)
}

/**
 * The same of what depends on something that nobody can tell: when it does anything, that is said,
 * once. What it would do stands beside it.
 */
export function underDoubt(report: Report, node: PyNode, why: string, act: () => void): void {
  const added = inBranch(report, act)
  const said = added.some((step) => 'operation' in step && step.operation.kind === 'unknown')
  if (added.length > 0 && !said) addUnknown(report, node, why)
}
