import type { Runtime } from '../../ports/runtime.ts'

/**
 * How long SQLite itself may wait for a lock. It waits synchronously, with the whole event loop, so
 * it hardly may; the patience is in `createBusyRetry`.
 */
export const busyTimeoutMs = 10

const patienceMs = 10_000
const busyCode = 5

/** Repeats a synchronous attempt for as long as another process holds the lock it needs. */
export type Retry = <T>(attempt: () => T) => Promise<T>

/** Waits for SQLite's locks without blocking the event loop, for at most ten seconds. */
export function createBusyRetry(runtime: Pick<Runtime, 'now' | 'sleep'>): Retry {
  return async (attempt) => {
    const deadline = runtime.now() + patienceMs
    for (;;) {
      try {
        return attempt()
      } catch (error) {
        if (sqliteCode(error) !== busyCode || runtime.now() >= deadline) throw error
      }
      // Processes that woke together must not collide again, so each sleeps a different time.
      await runtime.sleep(5 + Math.random() * 20)
    }
  }
}

/** The primary result code of an error that SQLite raised, else null. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null
}
