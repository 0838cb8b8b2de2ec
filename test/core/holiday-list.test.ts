import { describe, expect, it } from 'vitest'
import { lastHoliday, readHolidays } from '../../src/core/holiday-list.ts'

const days = (text: string) => {
  const { holidays, problems } = readHolidays(text)
  expect(problems).toEqual([])
  return holidays.map(({ from, to, name }) => `${from}..${to} ${name}`)
}
const problems = (text: string) =>
  readHolidays(text).problems.map(({ line, message }) => `${line}: ${message}`)

describe('a list of days', () => {
  it('has a day or a range to a line, with its name, also as a YAML list', () => {
    const text =
      '\uFEFF# bank holidays\n\n2026-12-25 Christmas Day\r\n2026-12-31..2027-01-01: turn of the year\n---\n- 2026-05-01\n- "2026-05-14" # Ascension\n'
    expect(days(text)).toEqual([
      '2026-05-01..2026-05-01 holiday',
      '2026-05-14..2026-05-14 Ascension',
      '2026-12-25..2026-12-25 Christmas Day',
      '2026-12-31..2027-01-01 turn of the year',
    ])
    expect(lastHoliday(readHolidays(text).holidays)).toBe('2027-01-01')
  })

  it('skips no line in silence', () => {
    expect(
      problems('2026-12-25\n25.12.2026\n2026-02-29 x\n2026-02-03..2026-02-01\n2026-12-25T10:00\n'),
    ).toEqual([
      '2: is no day such as "2026-12-25 Christmas Day"',
      '3: is no day such as "2026-12-25 Christmas Day"',
      '4: ends on 2026-02-01, before it begins on 2026-02-03',
      '5: is no day such as "2026-12-25 Christmas Day"',
    ])
    expect(problems('# nothing\n')).toEqual(['1: it lists no day'])
  })

  it('takes no control characters over into names', () => {
    expect(days('2026-12-25 Christ\u001b[31mmas\u202e')).toEqual([
      '2026-12-25..2026-12-25 Christmas',
    ])
  })
})

const calendar = (...events: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n')

describe('iCalendar', () => {
  it('has all-day events, whose end is the day after', () => {
    expect(
      days(
        calendar(
          event(
            'DTSTART;VALUE=DATE:20270101',
            'DTEND;VALUE=DATE:20270102',
            'SUMMARY:New\r\n  Year\\, day',
          ),
          event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20270101', 'SUMMARY:Break'),
          event('DTSTART;VALUE=DATE:20280229', 'SUMMARY;LANGUAGE="en:x":Leap day'),
          event('DTSTART;VALUE=DATE:20280301', 'DTEND;VALUE=DATE:20280301', 'SUMMARY:Short'),
          event('DTSTART;VALUE=DATE:20290501', 'STATUS:CANCELLED', 'SUMMARY:Not this one'),
        ),
      ),
    ).toEqual([
      '2026-12-24..2026-12-31 Break',
      '2027-01-01..2027-01-01 New Year, day',
      '2028-02-29..2028-02-29 Leap day',
      '2028-03-01..2028-03-01 Short',
    ])
  })

  it('refuses what repeats, has a time of day or never ends', () => {
    expect(
      problems(
        calendar(
          event('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=YEARLY'),
          event('DTSTART:20261225T100000Z', 'DTEND:20261225T120000Z'),
          event('SUMMARY:nothing'),
          event('DTSTART;VALUE=DATE:20261325'),
        ) + 'BEGIN:VEVENT\n',
      ),
    ).toEqual([
      '3: repeats (RRULE): list each day',
      '7: is no all-day event (DTSTART;VALUE=DATE)',
      '11: is no all-day event (DTSTART;VALUE=DATE)',
      '14: has a date that there is not',
      '18: is an event without an end',
    ])
  })
})
