import type { Holiday } from './freeze.ts'
import { oneLine } from './text.ts'
import { day, wallTimeOf } from './wall-time.ts'

/** The days of a file, or every line of it that nobody can be sure about. */
export interface HolidayList {
  holidays: Holiday[]
  problems: { line: number; message: string }[]
}

/** More than this is no list of holidays. */
const mostDays = 5000

/**
 * A list of days: iCalendar by its first line, else one day or range to a line. Nothing is skipped in
 * silence, because a day that was not understood would be a day without a freeze.
 */
export function readHolidays(text: string): HolidayList {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const isCalendar = lines.some((line) => /^BEGIN:VCALENDAR\s*$/i.test(line))
  const list = isCalendar ? readCalendar(lines) : readLines(lines)
  const { holidays, problems } = list
  if (problems.length > 0) return list
  if (holidays.length === 0) return refused(1, 'it lists no day')
  if (holidays.length > mostDays) return refused(1, `it lists more than ${mostDays} days`)
  return { holidays: holidays.toSorted((one, other) => compare(one, other)), problems }
}

function compare(one: Holiday, other: Holiday): number {
  const [left, right] = [one, other].map(({ from, to, name }) => `${from} ${to} ${name}`)
  return left! < right! ? -1 : 1
}

function refused(line: number, message: string): HolidayList {
  return { holidays: [], problems: [{ line, message }] }
}

/** The last day that any of them covers. */
export function lastHoliday(holidays: readonly Holiday[]): string | null {
  return (
    holidays
      .map(({ to }) => to)
      .toSorted()
      .at(-1) ?? null
  )
}

const plainLine =
  /^(?:-\s+)?["']?(\d{4}-\d\d-\d\d)(?:\s*(?:\.\.|\bto\b|\/)\s*(\d{4}-\d\d-\d\d))?["']?(?:[\s,;:#]+(.*))?$/

/** `2026-12-24..2026-12-26 Christmas`; also as the entries of a YAML list. */
function readLines(lines: readonly string[]): HolidayList {
  const list: HolidayList = { holidays: [], problems: [] }
  for (const [index, raw] of lines.entries()) {
    const text = raw.trim()
    if (text === '' || text === '---' || text.startsWith('#')) continue
    const [, from, to = from, name = ''] = plainLine.exec(text) ?? []
    add(list, index + 1, { name, from, to }, 'is no day such as "2026-12-25 Christmas Day"')
  }
  return list
}

function add(
  { holidays, problems }: HolidayList,
  line: number,
  { name, from, to }: { name: string; from: string | undefined; to: string | undefined },
  unlike: string,
): void {
  if (
    from === undefined ||
    to === undefined ||
    wallTimeOf(from) === null ||
    wallTimeOf(to) === null
  )
    problems.push({ line, message: unlike })
  else if (to < from) problems.push({ line, message: `ends on ${to}, before it begins on ${from}` })
  else holidays.push({ name: oneLine(name.trim(), 80) || 'holiday', from, to })
}

/** What an event of a calendar says, by the name of the property. */
type Event = Map<string, { value: string; isDate: boolean }>

/** All-day events of RFC 5545; what repeats or has a time of day is refused by name. */
function readCalendar(lines: readonly string[]): HolidayList {
  const list: HolidayList = { holidays: [], problems: [] }
  let event: { line: number; said: Event } | null = null
  for (const { line, text } of unfolded(lines)) {
    if (/^BEGIN:VEVENT\s*$/i.test(text)) event = { line, said: new Map() }
    else if (/^END:VEVENT\s*$/i.test(text)) {
      if (event) addEvent(list, event)
      event = null
    } else if (event) note(event.said, text)
  }
  if (event) list.problems.push({ line: event.line, message: 'is an event without an end' })
  return list
}

/** A line that begins with a blank continues the one before it. */
function unfolded(lines: readonly string[]): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = []
  for (const [index, text] of lines.entries()) {
    const last = found.at(-1)
    if (last && /^[ \t]/.test(text)) last.text += text.slice(1)
    else found.push({ line: index + 1, text })
  }
  return found
}

function note(said: Event, text: string): void {
  const [, name = '', parameters = '', value = ''] =
    /^([A-Za-z-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)$/.exec(text) ?? []
  if (name === '') return
  const isDate = /;VALUE=DATE(?:;|$)/i.test(parameters) || /^\d{8}$/.test(value.trim())
  said.set(name.toUpperCase(), { value: value.trim(), isDate })
}

function addEvent(list: HolidayList, { line, said }: { line: number; said: Event }): void {
  if (said.get('STATUS')?.value.toUpperCase() === 'CANCELLED') return
  const repeats = ['RRULE', 'RDATE', 'RECURRENCE-ID'].find((name) => said.has(name))
  const [start, end] = [said.get('DTSTART'), said.get('DTEND')]
  if (repeats) list.problems.push({ line, message: `repeats (${repeats}): list each day` })
  else if (start?.isDate !== true || end?.isDate === false || said.has('DURATION'))
    list.problems.push({ line, message: 'is no all-day event (DTSTART;VALUE=DATE)' })
  else add(list, line, daysOf(said, start.value, end?.value), 'has a date that there is not')
}

/** The end of an all-day event is the day after it. */
function daysOf(said: Event, start: string, end: string | undefined) {
  const from = dashed(start)
  const to = end === undefined || end === start ? from : dayBefore(dashed(end))
  const summary = said.get('SUMMARY')?.value ?? ''
  const name = summary.replaceAll(/\\([\\;,])/g, '$1').replaceAll(/\\n/gi, ' ')
  return { name, from, to: to ?? undefined }
}

function dashed(digits: string): string {
  return digits.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
}

function dayBefore(date: string): string | null {
  const wall = wallTimeOf(date)
  if (wall === null) return null
  const [year = 0, month = 0, dayOfMonth = 0] = date.split('-').map(Number)
  const monthBefore = month === 1 ? [year - 1, 12] : [year, month - 1]
  const candidates =
    dayOfMonth > 1
      ? [dated([year, month], dayOfMonth - 1)]
      : [31, 30, 29, 28].map((last) => dated(monthBefore, last))
  return candidates.find((text) => wallTimeOf(text) === wall - day) ?? null
}

function dated([year, month]: readonly number[], dayOfMonth: number): string {
  const parts = [String(year).padStart(4, '0')]
  for (const part of [month, dayOfMonth]) parts.push(String(part).padStart(2, '0'))
  return parts.join('-')
}
