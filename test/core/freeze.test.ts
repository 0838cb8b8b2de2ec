import { describe, expect, it } from 'vitest'
import { nextSpans, openFreeze, type FreezeWindow, type Weekday } from '../../src/core/freeze.ts'
import { clocksOf, wallTimeOf } from '../../src/core/wall-time.ts'

const minute = 60_000
const hour = 60 * minute
const at = (text: string) => Date.parse(text)

function weekly(changes: Partial<FreezeWindow & { kind: 'weekly' }> = {}): FreezeWindow {
  const window = { name: 'weekend', environments: [], time_zone: 'Europe/Berlin', kind: 'weekly' }
  return { ...window, days: ['fri'], from: '16:00', to: '00:00', ...changes } as FreezeWindow
}

function dates(from: string, to: string, time_zone = 'UTC'): FreezeWindow {
  return { name: 'holidays', environments: [], time_zone, kind: 'dates', from, to }
}

const frozen = (windows: FreezeWindow[], now: string) =>
  openFreeze(windows, 'production', true, at(now))
const until = (windows: FreezeWindow[], now: string) => {
  const end = frozen(windows, now)?.until
  return typeof end === 'number' ? new Date(end).toISOString() : end
}

describe('weekly windows', () => {
  it('are open from their first minute to before their last, by the clocks of the place', () => {
    const windows = [weekly()]
    // Friday, 2026-01-09 in Berlin is UTC+1.
    expect(frozen(windows, '2026-01-09T14:59:59Z')).toBeNull()
    expect(frozen(windows, '2026-01-09T15:00:00Z')).toEqual({
      name: 'weekend',
      until: at('2026-01-09T23:00:00Z'),
    })
    expect(frozen(windows, '2026-01-09T22:59:59.999Z')).not.toBeNull()
    expect(frozen(windows, '2026-01-09T23:00:00Z')).toBeNull()
    // In July it is UTC+2.
    expect(until(windows, '2026-07-10T14:00:00Z')).toBe('2026-07-10T22:00:00.000Z')
    expect(frozen(windows, '2026-07-10T13:59:59Z')).toBeNull()
  })

  it('cross midnight into the next day and the next week', () => {
    const night = [weekly({ days: ['sun'], from: '22:00', to: '06:00', time_zone: 'UTC' })]
    expect(until(night, '2026-01-05T03:00:00Z')).toBe('2026-01-05T06:00:00.000Z')
    expect(frozen(night, '2026-01-05T06:00:00Z')).toBeNull()
    expect(frozen(night, '2026-01-05T22:30:00Z')).toBeNull()
  })

  it('that touch are one freeze, with the end of the last one', () => {
    const weekend = [
      weekly({ name: 'friday evening' }),
      weekly({ name: 'weekend', days: ['sat', 'sun'], from: '00:00', to: '00:00' }),
      weekly({ name: 'monday morning', days: ['mon'], from: '00:00', to: '08:00' }),
    ]
    expect(frozen(weekend, '2026-01-09T18:00:00Z')).toEqual({
      name: 'friday evening',
      until: at('2026-01-12T07:00:00Z'),
    })
    expect(frozen(weekend, '2026-01-11T18:00:00Z')?.name).toBe('weekend')
  })

  it('that cover every day have no end', () => {
    const days: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
    expect(frozen([weekly({ days, from: '00:00', to: '00:00' })], '2026-01-09T18:00:00Z')).toEqual({
      name: 'weekend',
      until: null,
    })
  })
})

describe('dates', () => {
  it('include their last day whole, in the place they are of', () => {
    const windows = [dates('2026-12-23', '2027-01-02', 'America/New_York')]
    expect(frozen(windows, '2026-12-23T04:59:59Z')).toBeNull()
    expect(until(windows, '2026-12-23T05:00:00Z')).toBe('2027-01-03T05:00:00.000Z')
    expect(frozen(windows, '2027-01-03T04:59:59Z')).not.toBeNull()
    expect(frozen(windows, '2027-01-03T05:00:00Z')).toBeNull()
  })

  it('with a time end at that time, and one leap day is one day', () => {
    const windows = [dates('2028-02-29T12:00', '2028-03-01T08:30')]
    expect(until(windows, '2028-02-29T12:00:00Z')).toBe('2028-03-01T08:30:00.000Z')
    expect(until([dates('2028-02-29', '2028-02-29')], '2028-02-29T05:00:00Z')).toBe(
      '2028-03-01T00:00:00.000Z',
    )
  })

  it('go on where weekly windows begin, and the other way round', () => {
    const windows = [dates('2026-01-07', '2026-01-09', 'Europe/Berlin'), weekly({ days: ['sat'] })]
    expect(until(windows, '2026-01-08T12:00:00Z')).toBe('2026-01-09T23:00:00.000Z')
    const touching = [
      ...windows,
      weekly({ days: ['sat'], from: '00:00', to: '16:00', name: 'saturday' }),
    ]
    expect(until(touching, '2026-01-08T12:00:00Z')).toBe('2026-01-10T23:00:00.000Z')
  })
})

const everyDay: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

it('tells at once that twenty windows of as many time zones never close', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((_, index) => index % 20 === 0)
  const windows = zones
    .slice(0, 20)
    .map((time_zone) => weekly({ days: everyDay, from: '00:00', to: '00:00', time_zone }))
  const started = performance.now()
  expect(frozen(windows, '2026-01-09T18:00:00Z')).toEqual({ name: 'weekend', until: null })
  expect(performance.now() - started).toBeLessThan(1000)
})

describe('holidays', () => {
  const holidays: FreezeWindow = {
    name: 'public holidays',
    environments: [],
    time_zone: 'Europe/Berlin',
    kind: 'holidays',
    file: '/srv/holidays.txt',
    holidays: [
      { name: 'Christmas', from: '2026-12-25', to: '2026-12-26' },
      { name: 'New Year', from: '2027-01-01', to: '2027-01-01' },
    ],
  }

  it('are whole days of the place, and told by their names', () => {
    expect(frozen([holidays], '2026-12-24T22:59:59Z')).toBeNull()
    expect(frozen([holidays], '2026-12-24T23:00:00Z')).toEqual({
      name: 'public holidays: Christmas',
      until: at('2026-12-26T23:00:00Z'),
    })
    expect(frozen([holidays], '2026-12-26T23:00:00Z')).toBeNull()
    expect(until([holidays], '2027-01-01T12:00:00Z')).toBe('2027-01-01T23:00:00.000Z')
  })

  it('touch weekly windows', () => {
    // 2026-12-27 is a Sunday.
    const weekend = weekly({ days: ['sun'], from: '00:00', to: '00:00' })
    expect(until([holidays, weekend], '2026-12-25T12:00:00Z')).toBe('2026-12-27T23:00:00.000Z')
  })

  it('are seen coming, among the others', () => {
    const friday = weekly({ days: ['fri'] })
    expect(
      nextSpans([holidays, friday], at('2026-12-22T12:00:00Z'), 3).map(
        ({ name, start }) => `${name} ${new Date(start).toISOString()}`,
      ),
    ).toEqual([
      'public holidays: Christmas 2026-12-24T23:00:00.000Z',
      'weekend 2026-12-25T15:00:00.000Z',
      'public holidays: New Year 2026-12-31T23:00:00.000Z',
    ])
  })
})

it('holds for production by itself, and elsewhere where it is named', () => {
  const now = at('2026-06-01T12:00:00Z')
  const all = dates('2026-06-01', '2026-06-01')
  expect(openFreeze([all], 'staging', false, now)).toBeNull()
  expect(openFreeze([all], 'live', true, now)?.name).toBe('holidays')
  const named = { ...all, environments: ['staging'] }
  expect(openFreeze([named], 'staging', false, now)?.name).toBe('holidays')
  expect(openFreeze([named], 'live', true, now)).toBeNull()
})

/** The days on which clocks are changed, with odd ones among them. */
const changes: [string, string][] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  // Half an hour only.
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  // At midnight, so that a day begins at one.
  ['Africa/Cairo', '2026-04-24'],
  ['America/Havana', '2026-11-01'],
  // A minute after midnight, back into the day before.
  ['America/St_Johns', '2010-11-07'],
  // A day that there never was.
  ['Pacific/Apia', '2011-12-30'],
  ['Asia/Kathmandu', '2026-01-01'],
]

const setBackOrGone = changes.filter(([zone]) => /Lord_Howe|Havana|St_Johns|Apia/.test(zone))

/** What clocks show, asked of somebody else than the code under test does. */
function shown(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return (instant) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`)
}

it.each(changes)(
  'in %s around %s, windows begin and end when clocks pass their times',
  (zone, date) => {
    const show = shown(zone)
    const first = at(`${date}T00:00:00Z`) - 30 * hour
    const step = minute
    const faces = Array.from({ length: (60 * hour) / step }, (_, index) =>
      show(first + index * step),
    )
    const clocks = clocksOf(zone)
    const day = at(`${date}T00:00:00Z`)
    for (let time = 0; time < 26 * hour; time += 30 * minute) {
      const wall = day - hour + time
      const passed = faces.flatMap((face, index) =>
        index > 0 && faces[index - 1]! < wall && face >= wall ? [first + index * step] : [],
      )
      expect([new Date(wall), clocks.first(wall), clocks.last(wall)]).toEqual([
        new Date(wall),
        passed[0],
        passed.at(-1),
      ])
    }
  },
)

it.each(setBackOrGone)('in %s around %s, a window is one span without holes', (zone, date) => {
  const day = at(`${date}T00:00:00Z`)
  for (const [from, to] of [
    ['00:00', '00:00'],
    ['23:30', '00:30'],
    ['01:30', '02:30'],
  ] as const) {
    const days: Weekday[] = [
      (['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const)[(day / (24 * hour)) % 7]!,
    ]
    const windows = [weekly({ time_zone: zone, days, from, to })]
    const open: number[] = []
    for (let now = day - 16 * hour; now < day + 40 * hour; now += 15 * minute) {
      const found = openFreeze(windows, 'production', true, now)
      if (found) open.push(now)
      // It ends when it says that it ends.
      if (found?.until) expect(openFreeze(windows, 'production', true, found.until)).toBeNull()
    }
    expect(open).toEqual(open.map((_, index) => open[0]! + index * 15 * minute))
  }
})

it('reads dates and times, and nothing else', () => {
  expect(wallTimeOf('2026-02-28')).toBe(at('2026-02-28T00:00:00Z'))
  expect(wallTimeOf('2024-02-29T23:59')).toBe(at('2024-02-29T23:59:00Z'))
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '2026-01-01T24:00',
    'x',
  ])
    expect([text, wallTimeOf(text)]).toEqual([text, null])
})
