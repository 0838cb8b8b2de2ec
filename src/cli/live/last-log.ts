import { logTail } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'

const logBytes = 16_384

/** The end of a run's log for people. That of the tool is shortened to what a model should pay for. */
export async function lastLog(call: Call, id: string, lines: number): Promise<string[]> {
  const row = await call.store.read((tables) => tables.deployments.get(id))
  // A pipeline that cannot be asked right now is told of elsewhere; a view goes on without the log.
  const log = row && (await call.pipeline?.log(row, { maxBytes: logBytes }).catch(() => null))
  return logTail(log?.text ?? '', lines, Infinity)
}
