import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Retry } from './busy.ts'

/** What the dialect needs: how to open the database, and how to wait for its locks. */
export interface NodeSqliteDialectOptions {
  open: () => DatabaseSync
  retry: Retry
}

/**
 * Kysely over `node:sqlite`. Kysely's own driver expects another statement interface and begins
 * deferred transactions, which fail without waiting when they turn from reading to writing.
 */
export function createNodeSqliteDialect(options: NodeSqliteDialectOptions): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createDriver({ open, retry }: NodeSqliteDialectOptions): Driver {
  let database: DatabaseSync
  return {
    async init() {
      database = await retry(open)
    },
    acquireConnection: async () => createConnection(database, retry),
    async beginTransaction(connection, { accessMode }) {
      await run(connection, accessMode === 'read only' ? 'begin' : 'begin immediate')
    },
    async commitTransaction(connection) {
      await run(connection, 'commit')
    },
    async rollbackTransaction(connection) {
      // A full disk makes SQLite roll back by itself; a second rollback would hide that error.
      if (database.isTransaction) await run(connection, 'rollback')
    },
    releaseConnection: async () => {},
    async destroy() {
      database.close()
    },
  }
}

async function run(connection: DatabaseConnection, text: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(text))
}

function createConnection(database: DatabaseSync, retry: Retry): DatabaseConnection {
  return {
    executeQuery: <Row>(query: CompiledQuery) => retry(() => execute<Row>(database, query)),
    streamQuery() {
      throw new Error('the node:sqlite dialect does not stream')
    },
  }
}

function execute<Row>(database: DatabaseSync, query: CompiledQuery): QueryResult<Row> {
  const statement = database.prepare(query.sql)
  const parameters = query.parameters as readonly SQLInputValue[]
  if (statement.columns().length > 0) return { rows: statement.all(...parameters) as Row[] }
  const { changes } = statement.run(...parameters)
  return { rows: [], numAffectedRows: BigInt(changes) }
}
