import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'

/** A stretch of time: from its first moment up to, not including, its last. */
export interface ReportWindow {
  from: number
  until: number
}

const day = 24 * 3_600_000

/** Days are whole days in UTC, the last one too; moments are what they say. */
export function reportWindow(from: string, to: string | undefined, now: number): ReportWindow {
  const window = { from: momentOf('from', from), until: to === undefined ? now : endOf(to) }
  if (window.from < window.until) return window
  throw new Failure({
    code: 'invalid_input',
    message: `--from ${oneLine(from, 40)} is not before --to ${oneLine(to ?? 'now', 40)}`,
    hint: 'give the earlier date first: gonogo audit report --from 2026-01-01 --to 2026-03-31',
    details: { field: 'from' },
  })
}

function endOf(to: string): number {
  const moment = momentOf('to', to)
  return isDay(to) ? moment + day : moment
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

function momentOf(field: string, text: string): number {
  // Without a zone a moment would be another one on each machine.
  const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i
  const moment = isDay(text) || zoned.test(text) ? Date.parse(text) : Number.NaN
  // The 31st of February would silently be another day.
  if (!Number.isNaN(moment) && (!isDay(text) || new Date(moment).toISOString().startsWith(text)))
    return moment
  throw new Failure({
    code: 'invalid_input',
    message: `--${field} ${JSON.stringify(oneLine(text, 40))} is no date`,
    hint: 'write it as 2026-03-31 (a day in UTC) or 2026-03-31T18:00:00Z',
    details: { field },
  })
}
