import type { ReportedLog } from './report.ts'
import { repairOperation } from '../audit.ts'
import { exception, type ReportException } from './exception.ts'
import type { LogFacts, LoggedDeployment } from './log.ts'
import { oneLine } from '../text.ts'

/** What speaks against the log as a whole. */
export function logExceptions(log: ReportedLog): ReportException[] {
  const { verified, anchored, problems, unread, unknown_keys } = log
  const silent = unread.map((place) =>
    exception('anchor_unread', `nothing is known of what it says about the log: ${place}`),
  )
  if (!verified) return [...problems.map((one) => exception('log_changed', one)), ...silent]
  if (anchored) return silent
  const others =
    unknown_keys.length === 0
      ? ''
      : `; there are checkpoints of other keys (${unknown_keys.join(', ')}): gonogo audit verify --public-key FILE tells whose`
  const text = `the log is consistent with itself and with no anchor outside: whoever can write it can rewrite all of it${others}`
  return [exception('log_not_anchored', text), ...silent]
}

/** Lines of deployments that the store does not have. What was refused at the last moment never had one. */
export function missingDeployments(lost: readonly LoggedDeployment[]): ReportException[] {
  return lost
    .filter(({ result, refused }) => (result ? result.success !== false : !refused))
    .map(({ id, environment, operation, timestamp: at, lines }) => {
      const text = `the log tells of this ${operation}, and the store does not have it`
      return exception('deployment_missing', text, { deployment_id: id, environment, at, lines })
    })
}

/** Others' deployments that could not be asked for: whoever went around gonogo may be missing here. */
export function unreadable(problem: string): ReportException {
  const text = `what others deployed could not be read, so that bypasses may be missing: ${problem}`
  return exception('platform_unread', text)
}

/** When all promotions of the project were stopped. */
export interface ReportedStop {
  id: string
  reason: string
  stopped_by: string
  stopped_at: string
  /** How it ended, in words. */
  end: string
}

/** Each with the lines of the log that belong to it. */
export function stoppedLines(stops: readonly ReportedStop[], facts: LogFacts): ReportException[] {
  return stops.map(({ id, reason, stopped_by, stopped_at: at, end }) => {
    const text = oneLine(`stopped by ${stopped_by}: ${reason}; ${end}`, 300)
    const lines = facts.notable.filter(({ about }) => about === id).map(({ seq }) => seq)
    return exception('line_stopped', text, { at, lines })
  })
}

/** Stops that the log tells of and the store does not have: whoever took the row away let promotions go on. */
export function lostStops(known: ReadonlySet<string>, { notable }: LogFacts): ReportException[] {
  const stops = notable.filter(({ operation, success }) => operation === 'line_stop' && success)
  const lost = stops.filter(({ about }) => !known.has(about ?? ''))
  return lost.map(({ seq, timestamp: at, user }) => {
    const text = `the log says that ${oneLine(user, 80)} stopped the line, and the store does not have that`
    return exception('record_contradicted', text, { at, lines: [seq] })
  })
}

/** Acts beside the deployments: repairs, who may approve, locks, tokens. */
export function notableExceptions({ notable, more }: LogFacts): ReportException[] {
  const acts = notable.map((line) => {
    const { seq, operation, user, environment, timestamp: at, success, text } = line
    const kind = operation === repairOperation ? 'log_repaired' : 'act'
    const outcome = success === false ? ' (failed)' : ''
    const said = `${operation} by ${oneLine(user, 80)}${outcome}${text === '' ? '' : `: ${text}`}`
    return exception(kind, said, { environment, at, lines: [seq] })
  })
  return more === 0 ? acts : [...acts, exception('act', `and ${more} more, which the log holds`)]
}
