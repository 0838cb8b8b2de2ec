import { readLineLift } from '../../core/line-stop.ts'
import type { ReportException } from '../../core/report/exception.ts'
import type { LogFacts } from '../../core/report/log.ts'
import { lostStops, stoppedLines } from '../../core/report/record.ts'
import type { Call } from '../../ports/context.ts'
import type { LineStop } from '../../ports/store.ts'
import { verifiedStatement } from '../../tools/support/signed-statement.ts'
import { timestamp } from '../../tools/support/time.ts'
import type { ReportWindow } from './window.ts'

/** More than anybody stops in the time of a report. */
const mostStops = 10_000

/** When all promotions were stopped, and whether an approver's signature let them go on. */
export async function lineStopExceptions(
  call: Call,
  { from, until }: ReportWindow,
  facts: LogFacts,
): Promise<ReportException[]> {
  const stops = await call.store.read((tables) => tables.lineStops.list(mostStops))
  const within = stops.filter(
    ({ stopped_at, lifted_at }) => stopped_at < until && (lifted_at ?? from) >= from,
  )
  const told = within.map(async (stop) => {
    const { id, reason, stopped_by, stopped_at } = stop
    const end = await endOf(call, stop)
    return { id, reason, stopped_by, stopped_at: timestamp(stopped_at), end }
  })
  const known = new Set(stops.map(({ id }) => id))
  return [...lostStops(known, facts), ...stoppedLines(await Promise.all(told), facts)]
}

async function endOf(call: Call, { lift_statement, lift_signature }: LineStop): Promise<string> {
  if (lift_statement === null || lift_signature === null) return 'no signature lifted it'
  const read = readLineLift(lift_statement, call.project.name)
  if ('problem' in read) return `what is stored as lifted does not count: ${read.problem}`
  const verdict = await verifiedStatement(call, lift_statement, lift_signature)
  if ('problem' in verdict) return `what is stored as lifted does not count: ${verdict.problem}`
  return `lifted by ${verdict.approver} at ${read.lift.signed_at}`
}
