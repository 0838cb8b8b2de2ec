import type { MigrationOperation } from '../../../core/migration.ts'
import { readSql } from '../sql/read-sql.ts'
import { lineOf, shown } from './node.ts'
import { unknownAt, type Placeholders, type Step } from './report.ts'

/** More than this is no migration, and a judgement of all of it would help nobody. */
const mostOperations = 5000

/** Enough to be told to whoever reads one text of SQL; without it, things are merely not known to be new. */
const mostTold = 200

/** What the same migration made before, by the branch in which it did. */
interface Made {
  branch: string
  /** A statement that says so, for the reader of SQL. */
  sql: string
  table: string
  /** Null: the table itself. */
  column: string | null
}

/** The operations that steps come to, with what is known of tables and columns made on the way. */
export async function resolveSteps(steps: readonly Step[]): Promise<MigrationOperation[]> {
  const made: Made[] = []
  const operations: MigrationOperation[] = []
  for (const step of steps) {
    if (operations.length >= mostOperations) {
      const place = { line: operations.at(-1)?.line ?? 1, statement: '' }
      return [...operations, unknownAt(place, `it does more than ${mostOperations} things`)]
    }
    const before = made.filter(({ branch }) => within(step.branch, branch))
    const added = await operationsOf(step, before)
    operations.push(...added)
    for (const operation of added) remember(made, operation, step)
  }
  return operations
}

async function operationsOf(step: Step, before: readonly Made[]): Promise<MigrationOperation[]> {
  if ('sql' in step) return operationsOfSql(step, before)
  const { operation, defaultSql, writes } = step
  const { table } = operation
  const facts = { ...operation.facts }
  if (defaultSql !== undefined) facts.default = await defaultOf(defaultSql)
  const own = before.filter((one) => one.table === table && table !== null)
  if (own.some(({ column }) => column === null)) facts.new_table = true
  if (writes && writes.length > 0) {
    facts.new_column = writes.every((name) => own.some(({ column }) => column === name))
  }
  return [{ ...operation, facts }]
}

/** Read after what was made before, in the same words, so that the reader knows it is new. */
async function operationsOfSql(
  { sql, placeholders, node }: Extract<Step, { sql: unknown }>,
  before: readonly Made[],
): Promise<MigrationOperation[]> {
  const { text, restore } = fill(sql.text, placeholders)
  const told = before.filter((one) => mentions(text, one)).slice(-mostTold)
  const known = told.map((one) => `${one.sql};`).join('')
  const read = await readSql(known + text, { line: 1 })
  const last = sql.lines.at(-1) ?? lineOf(node)
  const operations = read.slice(told.length).map((operation) => ({
    ...operation,
    line: sql.lines[operation.line - 1] ?? last,
    statement: restore(operation.statement),
  }))
  // What says nothing is nothing; what could not be read at all must not look like it.
  if (operations.length > 0 || text.trim() === '' || read.length === told.length) return operations
  return [unknownAt({ line: lineOf(node), statement: shown(node) }, 'its SQL could not be read')]
}

/** What a text does not name cannot matter to it. */
function mentions(text: string, { table, column }: Made): boolean {
  const name = table.slice(table.lastIndexOf('.') + 1)
  return text.includes(name) && (column === null || text.includes(column))
}

async function defaultOf(expression: string) {
  const [added] = await readSql(`ALTER TABLE t ADD COLUMN c text DEFAULT (${expression})`, {
    line: 1,
  })
  return added?.facts.default ?? 'computed'
}

function remember(made: Made[], operation: MigrationOperation, step: Step): void {
  const { kind, table, name, statement } = operation
  if (table === null) return
  const { branch } = step
  const quoted = quote(table)
  if (kind === 'create_table') {
    const older = 'sql' in step ? /\bif\s+not\s+exists\b/i.test(statement) : step.mayExist === true
    if (!older) made.push({ branch, table, column: null, sql: `CREATE TABLE ${quoted} ()` })
  } else if (kind === 'add_column' && name !== null) {
    const sql = `ALTER TABLE ${quoted} ADD COLUMN "${name.replaceAll('"', '""')}" text`
    made.push({ branch, table, column: name, sql })
  } else if (kind === 'drop_table' || kind === 'rename_table') {
    for (const [index, one] of [...made.entries()].toReversed()) {
      if (one.table === table) made.splice(index, 1)
    }
  }
}

function quote(table: string): string {
  return table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}

function within(branch: string, outer: string): boolean {
  return branch === outer || branch.startsWith(`${outer}/`)
}

// As SQLAlchemy's text() finds them, whatever they stand in.
const colons = /(?<![:\w\\]):(\w+)(?!:)/g
const percents = /%(?:\((\w+)\))?s/g

/** Values that are handed in apart from the text, as Postgres knows them; numbers nobody uses by hand. */
function fill(text: string, placeholders: Placeholders) {
  const found: string[] = []
  const put = (whole: string) => `$${900_000 + found.push(whole) - 1}`
  const filled =
    placeholders === 'colon'
      ? text.replace(colons, put).replaceAll(String.raw`\:`, ':')
      : placeholders === 'percent'
        ? text.replace(percents, put).replaceAll('%%', '%')
        : text
  const restore = (statement: string) =>
    statement.replace(/\$(9\d{5})\b/g, (whole, number: string) => {
      return found[Number(number) - 900_000] ?? whole
    })
  return { text: filled, restore }
}
