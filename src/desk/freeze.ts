import { Failure } from '../core/failure.ts'
import {
  nextSpans,
  openFreeze,
  openSpans,
  windowsFor,
  type FreezeSpan,
  type FreezeWindow,
} from '../core/freeze.ts'
import { lastHoliday } from '../core/holiday-list.ts'
import { productionOf } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import { clocksOf, wallTimeOf } from '../core/wall-time.ts'
import type { Call } from '../ports/context.ts'
import { underBasePolicy } from '../tools/support/base-policy.ts'
import { environmentNamed } from '../tools/support/environments.ts'
import { timestamp } from '../tools/support/time.ts'

/** A time of a window, as clocks of its place show it and in UTC. */
export interface ToldSpan {
  name: string
  from: string
  to: string
  /** `2026-12-24 00:00 to 2026-12-27 00:00, Europe/Berlin` */
  local: string
}

/** What a freeze is at one moment. */
export interface FreezeAt {
  environment: string
  at: string
  frozen: boolean
  /** When nothing is open any more; null when that is not in sight, or nothing is. */
  until: string | null
  open: ToldSpan[]
  next: ToldSpan[]
  /** What policy makes of an open window here: `advisory` only warns. */
  requirement: 'required' | 'advisory' | 'off'
  /** Such as a list of holidays that is over. */
  notes: string[]
}

const nextShown = 3

/** Where the freeze of these environments stands, under the policy that holds. Changes nothing. */
export async function freezeStatuses(call: Call, names: readonly string[]): Promise<FreezeAt[]> {
  const now = call.runtime.now()
  const statuses: FreezeAt[] = []
  for (const name of names) statuses.push(await freezeAt(call, name, now))
  return statuses
}

async function freezeAt(call: Call, name: string, instant: number): Promise<FreezeAt> {
  const asked = environmentNamed(call.project, name)
  const held = await underBasePolicy(call, asked)
  const { freeze } = held.call.project
  const isLast = productionOf(call.project)?.name === name
  const windows = windowsFor(freeze, name, isLast)
  const open = openFreeze(freeze, name, isLast, instant)
  const zones = new Map(windows.map((window) => [window.name, window.time_zone]))
  const told = (span: FreezeSpan) => toldSpan(span, zones)
  return {
    environment: name,
    at: timestamp(instant),
    frozen: open !== null,
    until: timestamp(open?.until ?? null),
    open: openSpans(windows, instant).map(told),
    next: nextSpans(windows, instant, nextShown).map(told),
    requirement: held.environment.checks.freeze_window,
    notes: [
      ...held.warnings.filter(isAboutFreeze),
      ...windows.flatMap((one) => over(one, instant)),
    ],
  }
}

function isAboutFreeze(warning: string): boolean {
  return warning.startsWith('freeze ')
}

function over(window: FreezeWindow, instant: number): string[] {
  const last = window.kind === 'holidays' ? lastHoliday(window.holidays) : null
  if (last === null || last >= timestamp(instant).slice(0, 10)) return []
  return [`${window.name} lists no day after ${last}`]
}

/** Holidays are told as `window: name`. */
function toldSpan({ name, start, end }: FreezeSpan, zones: ReadonlyMap<string, string>): ToldSpan {
  const window = [...zones.keys()].find((one) => name === one || name.startsWith(`${one}: `))
  const zone = (window === undefined ? undefined : zones.get(window)) ?? 'UTC'
  const clocks = clocksOf(zone)
  const local = `${shown(clocks.show(start))} to ${shown(clocks.show(end))}, ${zone}`
  return { name, from: timestamp(start), to: timestamp(end), local }
}

function shown(wall: number): string {
  return timestamp(wall).slice(0, 16).replace('T', ' ')
}

/** A moment that was asked about, as it was understood. */
export interface Explained {
  /** How the text was read: in which zone, and that clocks show it twice or never. */
  read_as: string
  /** One, or two where clocks show the time twice. */
  moments: FreezeAt[]
}

/** What would hold at a time, and why. Changes nothing. */
export async function explainFreeze(
  call: Call,
  text: string,
  name: string,
  zone: string | undefined,
): Promise<Explained> {
  const asked = environmentNamed(call.project, name)
  const held = await underBasePolicy(call, asked)
  const isLast = productionOf(call.project)?.name === name
  const windows = windowsFor(held.call.project.freeze, name, isLast)
  const { instants, read_as } = instantsOf(text, zone, windows)
  const moments: FreezeAt[] = []
  for (const instant of instants) moments.push(await freezeAt(call, name, instant))
  return { read_as, moments }
}

const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/i

function instantsOf(text: string, zone: string | undefined, windows: readonly FreezeWindow[]) {
  const trimmed = text.trim().replace(' ', 'T')
  const instant = withOffset.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  if (!Number.isNaN(instant)) return { instants: [instant], read_as: timestamp(instant) }
  const wall = wallTimeOf(trimmed)
  if (wall === null) throw noTime(text)
  return wallInstants(wall, zoneOf(zone, windows))
}

function wallInstants(wall: number, zone: string): { instants: number[]; read_as: string } {
  const clocks = clocksOf(zone)
  const [first, last] = [clocks.first(wall), clocks.last(wall)]
  const time = `${shown(wall)}, ${zone}`
  if (clocks.show(first) !== wall)
    return {
      instants: [first],
      read_as: `${time}: clocks jump over this time; the moment of the jump, ${timestamp(first)}`,
    }
  if (first === last) return { instants: [first], read_as: `${time}: ${timestamp(first)}` }
  return {
    instants: [first, last],
    read_as: `${time}: clocks are set back and show this time twice, ${timestamp(first)} and ${timestamp(last)}`,
  }
}

/** Whose clocks: as asked for, else those of the windows, if they agree. */
function zoneOf(zone: string | undefined, windows: readonly FreezeWindow[]): string {
  if (zone !== undefined) {
    if (isZone(zone)) return zone
    throw new Failure({
      code: 'invalid_input',
      message: `--time-zone "${oneLine(zone, 64)}" is not a known time zone`,
      hint: 'write it as Europe/Berlin',
    })
  }
  const zones = [...new Set(windows.map(({ time_zone }) => time_zone))]
  if (zones.length <= 1) return zones[0] ?? 'UTC'
  throw new Failure({
    code: 'invalid_input',
    message: `the time has no offset, and the windows are of several time zones: ${zones.join(', ')}`,
    hint: 'name one with --time-zone ZONE, or write the time as 2026-12-24T18:00+01:00',
  })
}

function isZone(zone: string): boolean {
  try {
    clocksOf(zone)
    return true
  } catch {
    return false
  }
}

function noTime(text: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `"${oneLine(text, 64)}" is no time`,
    hint: 'write it as 2026-12-24, 2026-12-24T18:00 or 2026-12-24T18:00+01:00',
  })
}
