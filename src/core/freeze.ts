import { clocksOf, day, timeOfDay, wallTimeOf, type Clocks } from './wall-time.ts'

/** A time in which nothing new goes into the environments it names. Rollbacks always may. */
export type FreezeWindow = {
  name: string
  /** Names of environments; empty: production only. */
  environments: string[]
  /** IANA name, such as `Europe/Berlin`. */
  time_zone: string
} & (
  | { kind: 'weekly'; days: Weekday[]; from: string; to: string }
  /** Local dates or times without offset, such as `2026-12-23` or `2026-12-23T18:00`; `to` is included when it is a date. */
  | { kind: 'dates'; from: string; to: string }
)

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** The window that is open, and when nothing is open any more: null when that is not in sight. */
export interface OpenFreeze {
  name: string
  until: number | null
}

/** From its first instant to the one at which it is over. */
interface Span {
  name: string
  start: number
  end: number
}

/** Those that hold for an environment. */
export function windowsFor(
  windows: readonly FreezeWindow[],
  environment: string,
  isProduction: boolean,
): FreezeWindow[] {
  return windows.filter(({ environments }) =>
    environments.length === 0 ? isProduction : environments.includes(environment),
  )
}

/**
 * Whether the environment is frozen at an instant. Windows that touch or overlap are one freeze: its end
 * is the end of the last one.
 */
export function openFreeze(
  windows: readonly FreezeWindow[],
  environment: string,
  isProduction: boolean,
  now: number,
): OpenFreeze | null {
  const zoned = windowsFor(windows, environment, isProduction).map((window) => ({
    window,
    clocks: clocksOf(window.time_zone),
  }))
  const openAt = (instant: number) =>
    zoned.flatMap(({ window, clocks }) =>
      spansAround(window, clocks, instant).filter(
        ({ start, end }) => start <= instant && instant < end,
      ),
    )
  const [first] = openAt(now)
  if (first === undefined) return null
  let until = first.end
  // A week covered by weekly windows alone is covered for ever; between dates there may be such a week each.
  for (let left = 10 * (zoned.length + 1); left > 0; left -= 1) {
    const further = Math.max(until, ...openAt(until).map(({ end }) => end))
    if (further === until) return { name: first.name, until }
    until = further
  }
  return { name: first.name, until: null }
}

function spansAround(window: FreezeWindow, clocks: Clocks, instant: number): Span[] {
  return window.kind === 'dates'
    ? [datesSpan(window, clocks)]
    : weeklySpans(window, clocks, clocks.show(instant))
}

function datesSpan(window: FreezeWindow & { kind: 'dates' }, clocks: Clocks): Span {
  const { from, to } = wallSpan(window)
  return { name: window.name, start: clocks.first(from), end: clocks.last(to) }
}

/** From when to when clocks show; NaN for what is no time. A date as the end is included. */
export function wallSpan({ from, to }: { from: string; to: string }): { from: number; to: number } {
  const end = wallTimeOf(to) ?? Number.NaN
  return { from: wallTimeOf(from) ?? Number.NaN, to: to.includes('T') ? end : end + day }
}

/**
 * Those that begin today by the clocks of the place, or began yesterday; and tomorrow's, because clocks
 * that are set back over midnight show a day that was over.
 */
function weeklySpans(
  { name, days, from, to }: FreezeWindow & { kind: 'weekly' },
  clocks: Clocks,
  shown: number,
): Span[] {
  const today = Math.floor(shown / day) * day
  const [start, end] = [timeOfDay(from), timeOfDay(to)]
  const length = end > start ? end : end + day
  return [today - day, today, today + day]
    .filter((date) => days.includes(weekdayOf(date)))
    .map((date) => ({
      name,
      start: clocks.first(date + start),
      end: clocks.last(date + length),
    }))
}

/** The first day of the epoch was a Thursday. */
function weekdayOf(date: number): Weekday {
  return weekdays[(date / day + 3) % 7]!
}
