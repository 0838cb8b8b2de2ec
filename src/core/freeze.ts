import { clocksOf, day, timeOfDay, wallTimeOf, type Clocks, type WallTime } from './wall-time.ts'

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
  /** Whole days, as the file had them that the configuration names. */
  | { kind: 'holidays'; file: string; holidays: Holiday[] }
)

/** Local dates; `to` is included. */
export type Holiday = { name: string; from: string; to: string }

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** The window that is open, and when nothing is open any more: null when that is not in sight. */
export interface OpenFreeze {
  name: string
  until: number | null
}

/** From its first instant to the one at which it is over. */
export interface FreezeSpan {
  /** The window, and for a holiday its name too. */
  name: string
  start: number
  end: number
}

/** What a window rests on besides its definition. */
interface Zoned {
  window: FreezeWindow
  clocks: Clocks
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

/** Weekly windows that follow on each other for longer than a week follow on each other for ever. */
const foreverMs = 8 * day

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
  const zoned = zonedWindows(windowsFor(windows, environment, isProduction))
  const [first] = spansAt(zoned, now)
  if (first === undefined) return null
  return { name: first.name, until: endOf(zoned, first.end) }
}

function endOf(zoned: readonly Zoned[], earliest: number): number | null {
  let until = earliest
  // When a window that ends for good was open last: after a week without one, nothing changes any more.
  let unrepeated = earliest
  while (until - unrepeated <= foreverMs) {
    const further = spansAt(zoned, until)
    const end = Math.max(until, ...further.map((span) => span.end))
    if (end === until) return until
    const ends = further.filter((span) => !span.weekly).map((span) => span.end)
    unrepeated = Math.max(unrepeated, ...ends)
    until = end
  }
  return null
}

/** Each window that is open at an instant, with when it began and when it ends by itself. */
export function openSpans(windows: readonly FreezeWindow[], instant: number): FreezeSpan[] {
  return spansAt(zonedWindows(windows), instant).map(plainSpan)
}

/** What begins after an instant, soonest first; weekly windows of the coming week. */
export function nextSpans(
  windows: readonly FreezeWindow[],
  now: number,
  limit: number,
): FreezeSpan[] {
  const later = zonedWindows(windows).flatMap((one) => {
    if (one.window.kind !== 'weekly') return onceSpans(one)
    const today = midnight(one.clocks.show(now))
    return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((days) => weeklySpans(one, today + days * day))
  })
  return later
    .filter(({ start }) => start > now)
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
    .slice(0, limit)
    .map(plainSpan)
}

type Span = FreezeSpan & { weekly: boolean }

function plainSpan({ name, start, end }: Span): FreezeSpan {
  return { name, start, end }
}

/** Windows of one zone share its clocks, which remember what they were asked. */
function zonedWindows(windows: readonly FreezeWindow[]): Zoned[] {
  const known = new Map<string, Clocks>()
  return windows.map((window) => {
    const clocks = known.get(window.time_zone) ?? remembering(clocksOf(window.time_zone))
    known.set(window.time_zone, clocks)
    return { window, clocks }
  })
}

function remembering(clocks: Clocks): Clocks {
  return {
    show: once((instant) => clocks.show(instant)),
    first: once((wall) => clocks.first(wall)),
    last: once((wall) => clocks.last(wall)),
  }
}

function once(ask: (value: number) => number): (value: number) => number {
  const answers = new Map<number, number>()
  return (value) => {
    const answer = answers.get(value) ?? ask(value)
    answers.set(value, answer)
    return answer
  }
}

function spansAt(zoned: readonly Zoned[], instant: number): Span[] {
  return zoned.flatMap((one) =>
    spansAround(one, instant).filter(({ start, end }) => start <= instant && instant < end),
  )
}

function spansAround(one: Zoned, instant: number): Span[] {
  const { window, clocks } = one
  const shown = clocks.show(instant)
  if (window.kind !== 'weekly') return onceSpans(one, shown)
  const today = midnight(shown)
  // Yesterday's may go on; tomorrow's, because clocks that are set back over midnight show a day that was over.
  return [today - day, today, today + day].flatMap((date) => weeklySpans(one, date))
}

/** Those that do not come again; near a time that clocks show, where one is given. */
function onceSpans({ window, clocks }: Zoned, near: WallTime | null = null): Span[] {
  if (window.kind === 'weekly') return []
  const spans =
    window.kind === 'dates'
      ? [{ name: window.name, ...wallSpan(window) }]
      : window.holidays.map((one) => ({ name: `${window.name}: ${one.name}`, ...wallSpan(one) }))
  return spans
    .filter(({ from, to }) => near === null || (from - day <= near && near <= to + day))
    .map(({ name, from, to }) => ({
      name,
      start: clocks.first(from),
      end: clocks.last(to),
      weekly: false,
    }))
}

/** From when to when clocks show; NaN for what is no time. A date as the end is included. */
export function wallSpan({ from, to }: { from: string; to: string }): { from: number; to: number } {
  const end = wallTimeOf(to) ?? Number.NaN
  return { from: wallTimeOf(from) ?? Number.NaN, to: to.includes('T') ? end : end + day }
}

/** The one that begins on a day, if one does. */
function weeklySpans({ window, clocks }: Zoned, date: WallTime): Span[] {
  if (window.kind !== 'weekly' || !window.days.includes(weekdayOf(date))) return []
  const [start, end] = [timeOfDay(window.from), timeOfDay(window.to)]
  const length = end > start ? end : end + day
  return [
    {
      name: window.name,
      start: clocks.first(date + start),
      end: clocks.last(date + length),
      weekly: true,
    },
  ]
}

function midnight(shown: WallTime): WallTime {
  return Math.floor(shown / day) * day
}

/** The first day of the epoch was a Thursday. */
function weekdayOf(date: WallTime): Weekday {
  return weekdays[(((date / day + 3) % 7) + 7) % 7]!
}
