import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../../core/failure.ts'
import type { Runtime } from '../../ports/runtime.ts'

/** Where the log ended when gonogo last wrote to it. */
export interface Head {
  /** Lines in the log. */
  seq: number
  /** SHA-256 of the last of them. */
  hash: string
  /** Bytes up to and including the last newline. */
  offset: number
}

interface HeadDeps {
  /** The log's path. */
  path: string
  runtime: Runtime
}

const patienceMs = 10_000

/** The lock database beside a log. */
function lockPath(logPath: string): string {
  return `${logPath}.lock.db`
}

/**
 * Runs `work`, synchronously, while no other process or caller holds the log's lock, and stores the
 * head it returns. The lock is an SQLite transaction: the operating system ends it with its process.
 */
export async function underLock<T>(
  deps: HeadDeps,
  work: (head: Head | null) => { head: Head; value: T },
): Promise<T> {
  closeSync(openSync(lockPath(deps.path), 'a', 0o600))
  // Exclusive, so that a COMMIT never has to wait for a reader after the line was written.
  return patiently(deps, 'BEGIN EXCLUSIVE', (database) => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, seq INTEGER, hash TEXT, "offset" INTEGER)',
    )
    const { head, value } = work(readHead(database))
    storeHead(database, head)
    return value
  })
}

/** Reads the head while no one appends; null when there is none. Creates nothing. */
export async function withHead<T>(deps: HeadDeps, work: (head: Head | null) => T): Promise<T> {
  if (!existsSync(lockPath(deps.path))) return work(null)
  return patiently(deps, 'BEGIN', (database) => work(hasHead(database) ? readHead(database) : null))
}

/** SQLite's own waiting would block the event loop, so it is told not to wait and asked again. */
async function patiently<T>(
  deps: HeadDeps,
  begin: string,
  work: (database: DatabaseSync) => T,
): Promise<T> {
  const deadline = deps.runtime.now() + patienceMs
  for (;;) {
    const answer = attempt(lockPath(deps.path), begin, work)
    if (answer) return answer.value
    if (deps.runtime.now() >= deadline) throw busy(deps.path)
    await deps.runtime.sleep(5 + Math.random() * 25)
  }
}

function attempt<T>(
  path: string,
  begin: string,
  work: (database: DatabaseSync) => T,
): { value: T } | null {
  // Opened for each use: a handle kept open would lock a file that someone has since replaced.
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec(begin)
    // A plain BEGIN takes its lock with the first read.
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return { value: work(database) }
  } catch (error) {
    if (isBusy(error)) return null
    throw error
  } finally {
    database.close()
  }
}

function hasHead(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'head'").get() !== undefined
}

function readHead(database: DatabaseSync): Head | null {
  const row = database.prepare('SELECT seq, hash, "offset" FROM head WHERE id = 1').get()
  return row ? { ...(row as unknown as Head) } : null
}

/** Failing here is harmless: the next append finds the file longer than the head and reads it again. */
function storeHead(database: DatabaseSync, head: Head): void {
  try {
    database
      .prepare('INSERT OR REPLACE INTO head (id, seq, hash, "offset") VALUES (1, ?, ?, ?)')
      .run(head.seq, head.hash, head.offset)
    database.exec('COMMIT')
  } catch {
    // Closing the database rolls back.
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0
  return (code & 0xff) === 5
}

function busy(path: string): Failure {
  return new Failure({
    code: 'audit_unavailable',
    message: `the audit log ${path} stayed locked for ${patienceMs / 1000} s`,
    hint: `see which process holds ${lockPath(path)}, then repeat the command`,
    retryable: true,
  })
}
