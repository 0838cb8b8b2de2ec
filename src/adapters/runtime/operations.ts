import type { OperationOutcome, OperationRequest, Operations } from '../../ports/operations.ts'
import type { Runtime } from '../../ports/runtime.ts'

interface Entry {
  id: string
  startedAt: number
  settled: Promise<void>
  outcome: { ok: true; value: unknown } | { ok: false; error: unknown } | null
  endedAt: number
}

/** How long a finished result waits for the caller, who was told to come back in seconds. */
const keepMs = 60_000

/** Work in progress lives as long as the process that does it, so memory is the right place for it. */
export function createOperations(runtime: Pick<Runtime, 'id' | 'now'>): Operations {
  const running = new Map<string, Entry>()

  function begin<T>(request: OperationRequest<T>): Entry {
    const entry: Entry = {
      id: runtime.id('op'),
      startedAt: runtime.now(),
      settled: Promise.resolve(),
      outcome: null,
      endedAt: Infinity,
    }
    entry.settled = request
      .work()
      .then(
        (value) => void (entry.outcome = { ok: true, value }),
        (error: unknown) => void (entry.outcome = { ok: false, error }),
      )
      .then(() => void (entry.endedAt = runtime.now()))
    running.set(request.key, entry)
    return entry
  }

  function known(key: string): Entry | undefined {
    const entry = running.get(key)
    return entry && runtime.now() - entry.endedAt > keepMs ? undefined : entry
  }

  return {
    async join<T>(request: OperationRequest<T>): Promise<OperationOutcome<T>> {
      const entry = known(request.key) ?? begin(request)
      await firstOf(entry.settled, request.waitMs, request.signal)
      if (entry.outcome === null) {
        return { done: false, operation_id: entry.id, started_at: entry.startedAt }
      }
      if (running.get(request.key) === entry) running.delete(request.key)
      if (!entry.outcome.ok) throw entry.outcome.error
      return { done: true, result: entry.outcome.value as T }
    },
  }
}

/** Resolves when the work settled, the time is up or the caller left, and leaves no timer behind. */
async function firstOf(
  settled: Promise<void>,
  waitMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = Number.isFinite(waitMs) ? setTimeout(resolve, waitMs) : undefined
  const leave = () => resolve()
  signal?.addEventListener('abort', leave, { once: true })
  if (signal?.aborted) resolve()
  await Promise.race([settled, promise])
  clearTimeout(timer)
  signal?.removeEventListener('abort', leave)
}
