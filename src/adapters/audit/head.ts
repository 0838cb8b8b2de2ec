import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../../core/failure.ts'
import { isFrontier, type Frontier } from '../../core/merkle.ts'
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

/** The newest checkpoint, and when it was signed; before the first one, when the log was begun. */
export interface Sealed {
  size: number
  at: number
}

/** What the lock database remembers. Each part is found anew from the log when it is missing. */
export interface State {
  head: Head | null
  /** Null unless it is the tree of the head's lines. */
  tree: Frontier | null
  sealed: Sealed | null
}

/** What is remembered after a change. */
export interface Remembered {
  head: Head & { tree: Frontier }
  sealed: Sealed
}

export interface HeadDeps {
  /** The log's path. */
  path: string
  runtime: Runtime
}

const patienceMs = 10_000
const hashBytes = 32
const unhurried = 'PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY'

/** The lock database beside a log. */
function lockPath(logPath: string): string {
  return `${logPath}.lock.db`
}

/**
 * Runs `work`, synchronously, while no other process or caller holds the log's lock, and stores what
 * it returns. The lock is an SQLite transaction: the operating system ends it with its process.
 */
export async function underLock<T>(
  deps: HeadDeps,
  work: (state: State) => { remember: Remembered; value: T },
): Promise<T> {
  // What is remembered can be found anew and lies in one page per table, so a loss of power leaves the
  // old or the new one: no append waits for the disk because of it.
  const made = (statSync(lockPath(deps.path), { throwIfNoEntry: false })?.size ?? 0) > 0
  const remembered = (database: DatabaseSync) => {
    const { remember, value } = work(readState(database))
    // An empty log has no last line to be recognised by.
    if (remember.head.seq > 0) remembering(database, remember)
    return value
  }
  return change(deps, remembered, made ? unhurried : '')
}

/** The same for what else is remembered beside the log. */
export async function change<T>(
  deps: HeadDeps,
  work: (database: DatabaseSync) => T,
  settings = '',
): Promise<T> {
  closeSync(openSync(lockPath(deps.path), 'a', 0o600))
  // Exclusive, so that a COMMIT never has to wait for a reader after the line was written.
  return patiently(deps, `${settings}; BEGIN EXCLUSIVE`, (database) => {
    database.exec(tables)
    const value = work(database)
    commit(database)
    return value
  })
}

/** Reads while no one appends; `nothing` when nothing was ever written. Creates nothing. */
export async function look<T>(
  deps: HeadDeps,
  nothing: () => T,
  work: (database: DatabaseSync) => T,
): Promise<T> {
  if (!existsSync(lockPath(deps.path))) return nothing()
  return patiently(deps, 'BEGIN', (database) =>
    hasTable(database, 'head') ? work(database) : nothing(),
  )
}

/** What is remembered, together with what `work` sees while no one appends. */
export async function withState<T>(deps: HeadDeps, work: (state: State) => T): Promise<T> {
  const nothing = () => work({ head: null, tree: null, sealed: null })
  return look(deps, nothing, (database) => work(readState(database)))
}

const tables = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, seq INTEGER, hash TEXT, "offset" INTEGER);
  CREATE TABLE IF NOT EXISTS tree (
    id INTEGER PRIMARY KEY, size INTEGER, peaks BLOB, sealed_size INTEGER, sealed_at INTEGER
  )`

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

export function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined
}

function readState(database: DatabaseSync): State {
  const row = database.prepare('SELECT seq, hash, "offset" FROM head WHERE id = 1').get()
  const head = row ? { ...(row as unknown as Head) } : null
  // A log of before there were checkpoints has no tree.
  const known = hasTable(database, 'tree')
    ? database.prepare('SELECT size, peaks, sealed_size, sealed_at FROM tree WHERE id = 1').get()
    : undefined
  if (!head || !known) return { head, tree: null, sealed: null }
  const sealed = { size: Number(known['sealed_size']), at: Number(known['sealed_at']) }
  return { head, tree: treeOf(known, head.seq), sealed }
}

function treeOf({ size, peaks: bytes }: Record<string, unknown>, lines: number): Frontier | null {
  if (!(bytes instanceof Uint8Array) || size !== lines) return null
  const peaks = Array.from({ length: Math.ceil(bytes.length / hashBytes) }, (_, at) =>
    bytes.slice(at * hashBytes, (at + 1) * hashBytes),
  )
  const tree = { size: lines, peaks }
  return isFrontier(tree) ? tree : null
}

function remembering(database: DatabaseSync, { head, sealed }: Remembered): void {
  database
    .prepare('INSERT OR REPLACE INTO head (id, seq, hash, "offset") VALUES (1, ?, ?, ?)')
    .run(head.seq, head.hash, head.offset)
  database
    .prepare(
      'INSERT OR REPLACE INTO tree (id, size, peaks, sealed_size, sealed_at) VALUES (1, ?, ?, ?, ?)',
    )
    .run(head.tree.size, Buffer.concat(head.tree.peaks), sealed.size, sealed.at)
}

/** Failing here is harmless: the next append finds the file longer than the head and reads it again. */
function commit(database: DatabaseSync): void {
  try {
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
