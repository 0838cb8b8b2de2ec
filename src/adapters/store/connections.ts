import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { Failure } from '../../core/failure.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { createBusyRetry, type Retry } from './busy.ts'
import { createStoreFile, openDatabase, requireSqlite, type Role } from './database.ts'
import { createNodeSqliteDialect } from './dialect.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

/**
 * One connection to write, one to read. Kysely queues the users of each; with a single one, reading a
 * status would wait for as long as some other process keeps this one from writing.
 */
export interface Connections {
  writer: Kysely<Schema>
  reader: Kysely<Schema>
}

/** Connections that are opened by the first `get`. */
export interface LazyConnections {
  readonly file: string
  get(): Promise<Connections>
  close(): Promise<void>
}

/** The connections to the store of a state directory. */
export function createLazyConnections(
  directory: string,
  runtime: Pick<Runtime, 'now' | 'sleep'>,
): LazyConnections {
  const file = join(directory, 'gonogo.db')
  let opening: Promise<Connections> | undefined
  return {
    file,
    async get() {
      const current = (opening ??= openConnections(file, runtime))
      try {
        return await current
      } catch (error) {
        // What kept it from opening may be gone the next time.
        if (opening === current) opening = undefined
        throw error
      }
    },
    async close() {
      const open = await opening
      opening = undefined
      await open?.reader.destroy()
      await open?.writer.destroy()
    },
  }
}

async function openConnections(
  file: string,
  runtime: Pick<Runtime, 'now' | 'sleep'>,
): Promise<Connections> {
  requireSqlite(process.versions.sqlite)
  createStoreFile(file)
  const retry = createBusyRetry(runtime)
  const writer = connect(file, 'writer', retry)
  try {
    // In this order: switching a file that is still empty is where processes that start together collide.
    await migrate(writer, file, runtime.now())
    await switchToWal(writer, file)
  } catch (error) {
    await writer.destroy()
    throw error
  }
  return { writer, reader: connect(file, 'reader', retry) }
}

function connect(file: string, role: Role, retry: Retry): Kysely<Schema> {
  return new Kysely({
    dialect: createNodeSqliteDialect({ open: () => openDatabase(file, role), retry }),
  })
}

async function switchToWal(db: Kysely<Schema>, file: string): Promise<void> {
  const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode = wal`.execute(db)
  const mode = rows[0]?.journal_mode
  if (mode === 'wal') return
  throw new Failure({
    code: 'store_unavailable',
    message: `the store ${file} is on a file system that SQLite cannot share between processes (journal mode ${mode})`,
    hint: 'set state_directory in gonogo.yaml to a directory on a local disk',
    details: { file },
  })
}
