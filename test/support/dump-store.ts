import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Every table of the store in `directory` with all its rows, in an order that only depends on them. */
export function dumpStore(directory: string): Record<string, Record<string, unknown>[]> {
  const file = join(directory, 'gonogo.db')
  if (!existsSync(file)) return {}
  // Not `readOnly`: such a connection leaves the write-ahead log's files behind.
  const database = new DatabaseSync(file, { timeout: 1000 })
  try {
    database.exec('pragma query_only = on')
    // One transaction, so that the tables belong together.
    database.exec('begin')
    return Object.fromEntries(tableNames(database).map((name) => [name, rowsOf(database, name)]))
  } finally {
    database.close()
  }
}

function tableNames(database: DatabaseSync): string[] {
  const query = `select name from sqlite_schema where type = 'table' order by name`
  return database
    .prepare(query)
    .all()
    .map((row) => String(row['name']))
}

function rowsOf(database: DatabaseSync, name: string): Record<string, unknown>[] {
  const statement = database.prepare(`select * from "${name}"`)
  const everyColumn = statement.columns().map((_, index) => index + 1)
  return database
    .prepare(`select * from "${name}" order by ${everyColumn.join(', ')}`)
    .all()
    .map((row) => ({ ...row }))
}
