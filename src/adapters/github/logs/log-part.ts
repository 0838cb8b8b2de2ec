import { reasonOf } from '../archive/archive-problem.ts'
import { createByteTail } from './byte-tail.ts'
import { readable } from './log-line.ts'
import { createStepTail, type Window } from './step-tail.ts'

/** The end of a log, or of what could be read of it. */
export interface LogPart {
  /** Untrusted text, for people. */
  lines: string[]
  /** Why these are not the last lines; null when they are. */
  problem: string | null
}

export interface LogLimits {
  lines: number
  bytes: number
}

/**
 * The last lines of a log that arrives in pieces, in little memory. With a window only those of the
 * step that ran then, when there are any. Never fails: what came before a problem is kept.
 */
export async function readEnd(
  body: AsyncIterable<Uint8Array>,
  limits: LogLimits,
  window: Window | null = null,
): Promise<LogPart & { ofStep: boolean }> {
  const all = createByteTail(limits.bytes)
  const step = window && createStepTail(window, limits.bytes)
  const problem = await readAll(body, (piece) => {
    all.push(piece, 0, piece.length)
    step?.push(piece)
  })
  const ofStep = step?.lines() ?? []
  const lines = (ofStep.length > 0 ? ofStep : all.lines())
    .map(readable)
    .filter((line) => line !== null)
  return { lines: lines.slice(-limits.lines), problem, ofStep: ofStep.length > 0 }
}

async function readAll(
  body: AsyncIterable<Uint8Array>,
  take: (piece: Uint8Array) => void,
): Promise<string | null> {
  let bytes = 0
  try {
    for await (const piece of body) {
      bytes += piece.length
      take(piece)
    }
    return null
  } catch (error) {
    return `cut off after ${bytes} bytes: ${reasonOf(error)}`
  }
}
