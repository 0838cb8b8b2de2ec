import { tailLines } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'

const logBytes = 16_384

/** The end of a run's log for people. That of the tool is shortened to what a model should pay for. */
export async function lastLog(call: Call, id: string, lines: number): Promise<string[]> {
  const log = await call.pipeline?.log(id, { maxBytes: logBytes })
  return tailLines(log?.text ?? '', lines, Infinity)
}
