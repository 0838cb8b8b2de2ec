import type { RunOptions } from '../../ports/process.ts'
import { endTarget, type Target } from './group.ts'

/** What ends a program before its own time. */
interface Guard {
  /** Stops watching: the program ended, and its pid may soon be somebody else's. */
  clear(): void
  /** Why the program was ended, or null; resolves when nothing is left of it. */
  settled(): Promise<Reason | null>
  /** Rejects if the program cannot be ended (it belongs to another user), else never settles. */
  failed: Promise<never>
}

type Reason = 'aborted' | 'timed out'

/** Ends a program when its time is up or its caller gives up. */
export function guard(target: Target, options: Pick<RunOptions, 'timeoutMs' | 'signal'>): Guard {
  const { timeoutMs, signal } = options
  const failed = Promise.withResolvers<never>()
  let reason: Reason | null = null
  let ending: Promise<void> = Promise.resolve()
  const end = (why: Reason) => {
    clear()
    reason = why
    ending = endTarget(target)
    ending.catch(failed.reject)
  }
  const abort = () => end('aborted')
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs, 'timed out')
  signal?.addEventListener('abort', abort, { once: true })
  const clear = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  if (signal?.aborted) abort()
  return {
    clear,
    failed: failed.promise,
    settled: async () => {
      await ending
      return reason
    },
  }
}
