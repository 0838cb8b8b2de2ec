import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer that GitHub may say has not changed. Numbers that are ids are texts already. */
export interface CachedAnswer {
  url: string
  etag: string
  status: number
  link: string | null
  data: unknown
}

/** Answers on disk, shared by all processes of a project. Losing any of them costs one request. */
export interface AnswerCache {
  read(key: string, url: string): Promise<CachedAnswer | null>
  write(key: string, answer: CachedAnswer): Promise<void>
  /** One process at a time asks for the same: those that wait find its answer. */
  alone<T>(key: string, work: () => Promise<T>): Promise<T>
}

const maxEntryBytes = 4 * 1024 * 1024
const maxEntries = 500
/** Every so many writes the oldest entries are removed. */
const pruneEvery = 50

export function createAnswerCache(directory: string): AnswerCache {
  let writes = 0
  const file = (key: string) => join(directory, `${key}.json`)
  return {
    read: (key, url) => readEntry(file(key), url),
    async write(key, answer) {
      const text = JSON.stringify(answer)
      if (Buffer.byteLength(text) > maxEntryBytes) return
      await writeEntry(directory, file(key), text).catch(() => undefined)
      if (writes++ % pruneEvery === 0) await prune(directory).catch(() => undefined)
    },
    alone: (key, work) => alone(join(directory, `${key}.lock`), work),
  }
}

/** Answers that this process got itself: a file in the state directory could be somebody else's words. */
export function createOwnCache(): AnswerCache {
  const answers = new Map<string, CachedAnswer>()
  return {
    read: async (key) => answers.get(key) ?? null,
    async write(key, answer) {
      answers.delete(key)
      answers.set(key, answer)
      const [oldest] = answers.keys()
      if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest)
    },
    alone: (_key, work) => work(),
  }
}

/** Null for whatever is not exactly an answer to this: half a file, or another program's. */
async function readEntry(path: string, url: string): Promise<CachedAnswer | null> {
  try {
    const entry = JSON.parse(await readFile(path, 'utf8')) as Partial<CachedAnswer> | null
    const { etag, status, link } = entry ?? {}
    if (entry?.url !== url || typeof etag !== 'string' || !/^[\x20-\x7e]+$/.test(etag)) return null
    if (typeof status !== 'number' || !('data' in entry)) return null
    return { url, etag, status, link: typeof link === 'string' ? link : null, data: entry.data }
  } catch {
    return null
  }
}

async function writeEntry(directory: string, path: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Keeps the newest entries; what a process left behind that died goes, too. */
async function prune(directory: string): Promise<void> {
  const names = await readdir(directory)
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const age = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      return { path, age, isEntry: name.endsWith('.json') }
    }),
  )
  const entries = found.filter(({ isEntry }) => isEntry).toSorted((a, b) => b.age - a.age)
  const left = found.filter(({ isEntry, age }) => !isEntry && age < Date.now() - staleLockMs)
  const old = [...entries.slice(maxEntries), ...left]
  await Promise.all(old.map(({ path }) => rm(path, { force: true })))
}

/** Longer than any request with its retries; a lock this old belongs to a process that died. */
const staleLockMs = 90_000
/** Who waited this long asks for itself: it only costs a request. */
const patienceMs = 5_000
const lookEveryMs = 25

/** Work that one process at a time does, by a file; who waits too long does it all the same. */
export async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const isMine = await acquire(lock)
  try {
    return await work()
  } finally {
    if (isMine) await rm(lock, { force: true })
  }
}

async function acquire(lock: string): Promise<boolean> {
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const taken = await take(lock)
    if (taken !== 'busy') return taken === 'mine'
    await sleep(lookEveryMs)
  }
  return false
}

async function take(lock: string): Promise<'mine' | 'busy' | 'impossible'> {
  try {
    await mkdir(join(lock, '..'), { recursive: true, mode: 0o700 })
    await writeFile(lock, String(process.pid), { flag: 'wx', mode: 0o600 })
    return 'mine'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return 'impossible'
    if (await isLeftBehind(lock)) await rm(lock, { force: true })
    return 'busy'
  }
}

async function isLeftBehind(lock: string): Promise<boolean> {
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (owner > 0 && !isAlive(owner)) return true
  const made = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
  return Date.now() - made > staleLockMs
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
