/** What clocks of a place show, as milliseconds since the epoch if they were clocks of UTC. */
export type WallTime = number

/** The clocks of one time zone. */
export interface Clocks {
  /** What they show at an instant. */
  show(instant: number): WallTime
  /** The first instant at which they come to show it. Where they jump over it: the instant of the jump. */
  first(wall: WallTime): number
  /** The last instant at which they do; it differs where they are set back and pass it again. */
  last(wall: WallTime): number
}

const hour = 3_600_000
export const day = 24 * hour

/** Throws a RangeError for a zone that nobody knows. */
export function clocksOf(zone: string): Clocks {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const show = (instant: number) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
    const date = wallDay(part('year'), part('month'), part('day'))
    return date + part('hour') * hour + part('minute') * 60_000 + part('second') * 1000
  }
  return {
    show,
    first: (wall) => Math.min(...instantsOf(wall, show)),
    last: (wall) => Math.max(...instantsOf(wall, show)),
  }
}

/** One instant, or two where clocks are set back over it. */
function instantsOf(wall: WallTime, show: Clocks['show']): number[] {
  // No zone is further than a day from UTC, so clocks are changed between these, if at all.
  const offsets = [wall - day, wall + day].map((instant) => show(instant) - instant)
  const candidates = offsets.map((offset) => wall - offset)
  // Where they are set back to it, they do not come to it: what was over stays over.
  const found = candidates.filter(
    (instant) => show(instant) === wall && show(instant - 1000) < wall,
  )
  return found.length > 0 ? found : [jumpOver(wall, candidates, show)]
}

/** Where clocks are set forward over a time, they show less before one instant, and more from it on. */
function jumpOver(wall: WallTime, around: readonly number[], show: Clocks['show']): number {
  let [before, after] = [Math.min(...around), Math.max(...around)]
  while (after - before > 1000) {
    const middle = before + Math.floor((after - before) / 2000) * 1000
    if (show(middle) < wall) before = middle
    else after = middle
  }
  return after
}

// Days since the epoch, counted in years that begin in March, so that the leap day is their last one.
function wallDay(year: number, month: number, dayOfMonth: number): WallTime {
  const years = month > 2 ? year : year - 1
  const days = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return (365 * years + leaps + days - 719_468) * day
}

const localTime = /^(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):([0-5]\d))?$/

/** Of `2026-12-23` or `2026-12-23T18:00`; null for what is no date or time. */
export function wallTimeOf(text: string): WallTime | null {
  const [, ...digits] = localTime.exec(text) ?? []
  if (digits.length === 0) return null
  const [year = 0, month = 0, date = 0, hours = 0, minutes = 0] = digits.map((part) =>
    Number(part ?? 0),
  )
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (date < 1 || date > (lengths[month - 1] ?? 0)) return null
  return wallDay(year, month, date) + hours * hour + minutes * 60_000
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Milliseconds since midnight, of `16:00`. */
export function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * hour + minutes * 60_000
}
