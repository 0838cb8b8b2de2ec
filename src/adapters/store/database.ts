import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Failure } from '../../core/failure.ts'
import { compareVersions, leastSqlite } from '../../core/versions.ts'
import { busyTimeoutMs } from './busy.ts'
import { unusablePlace } from './failures.ts'

/** Creates the store's directory and its empty file, readable by this user only, where missing. */
export function createStoreFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // Exclusive, because closing any handle of an existing database drops this process's locks on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!isExistingFile(error, file)) throw unusablePlace(error, file)
  }
}

function isExistingFile(error: unknown, file: string): boolean {
  const { code, path } = error as NodeJS.ErrnoException
  return code === 'EEXIST' && path === file
}

/** Who uses a connection. */
export type Role = 'reader' | 'writer'

/** A connection; `query_only` makes a reader refuse to write even by mistake. */
export function openDatabase(file: string, role: Role): DatabaseSync {
  const database = new DatabaseSync(file, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
  })
  try {
    database.exec(role === 'writer' ? 'pragma synchronous = full' : 'pragma query_only = on')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * A connection that leaves nothing behind. Without a write-ahead log the file is all there is, and
 * only a connection that takes it for immutable does not create one.
 */
export function openUntouched(file: string): DatabaseSync {
  const url = pathToFileURL(file)
  if (!existsSync(`${file}-wal`)) url.search = 'immutable=1'
  return new DatabaseSync(url, { readOnly: true, timeout: busyTimeoutMs })
}

/** Refuses a SQLite whose write-ahead log can lose commits (fixed in 3.51.3). */
export function requireSqlite(version: string | undefined): void {
  if (version !== undefined && compareVersions(version, leastSqlite) >= 0) return
  throw new Failure({
    code: 'store_unavailable',
    message: `the SQLite of this Node.js is ${version ?? 'missing'}, the store needs ${leastSqlite} or later`,
    hint: 'install the latest Node.js 24 or later; node -p process.versions.sqlite shows its SQLite',
  })
}
