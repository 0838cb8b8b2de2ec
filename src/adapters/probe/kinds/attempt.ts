import type { StepOutcome, StepRun } from '../step-outcome.ts'
import { unasked } from '../step-outcome.ts'

/** Tells how far a step is, as told when it is late: `no answer`. */
export type Tell = (stage: string) => void

/**
 * Carries out one attempt and ends it by its limit, whatever the other side does. The signal aborts
 * when the attempt is over, however it ended: what was opened with it does not outlive the step.
 */
export async function attempt(
  run: StepRun,
  work: (signal: AbortSignal, tell: Tell) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const { totalMs, remainingMs, signal } = run.limits()
  if (signal?.aborted) return unasked('interrupted')
  const over = new AbortController()
  const ended = Promise.withResolvers<StepOutcome>()
  let stage = 'no connection'
  const interrupted = () => ended.resolve(unasked('interrupted'))
  const late = () => ended.resolve(wrong(`${stage} within ${Math.round(totalMs)} ms`))
  const timer = setTimeout(late, Math.max(0, remainingMs))
  signal?.addEventListener('abort', interrupted)
  const working = work(over.signal, (now) => (stage = now))
  // It may still fail after it has lost the race, because its connection was taken from it.
  working.catch(() => undefined)
  try {
    return await Promise.race([working, ended.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', interrupted)
    over.abort()
  }
}

/** An attempt that was made and found something wrong. */
export function wrong(...problems: string[]): StepOutcome {
  return { ran: true, problems, found: '' }
}
