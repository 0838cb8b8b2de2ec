import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Processes } from '../../ports/process.ts'

/** One item of the checklist, as it went. */
export interface DrillStep {
  id: string
  title: string
  done: boolean
  /** What was seen, or why it was not done. */
  message: string
  /** How to get it done; null when it was. */
  fix: string | null
}

/** What a step found out. */
export type Seen = { done: true; message: string } | { done: false; message: string; fix: string }

export interface DrillOptions {
  /** As automation `drill`. */
  call: Call
  processes: Pick<Processes, 'run'>
  env: Readonly<Record<string, string | undefined>>
  /** Starts this same gonogo. */
  command: readonly string[]
  /** The project's directory, as `--project` takes it. */
  directory: string
}

export function done(message: string): Seen {
  return { done: true, message }
}

export function notDone(message: string, fix: string): Seen {
  return { done: false, message, fix }
}

/** Runs one step to its item; whatever breaks is why it was not done. */
export async function carriedOut(
  id: string,
  title: string,
  work: () => Promise<Seen>,
): Promise<DrillStep> {
  try {
    const seen = await work()
    const message = oneLine(seen.message, 300)
    return { id, title, done: seen.done, message, fix: seen.done ? null : oneLine(seen.fix, 300) }
  } catch (error) {
    const { message, hint } = toFailure(error)
    return { id, title, done: false, message: oneLine(message, 300), fix: oneLine(hint, 300) }
  }
}
