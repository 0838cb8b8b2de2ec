import { z } from 'zod'
import { weekdays } from '../core/freeze.ts'
import { clocksOf, wallTimeOf } from '../core/wall-time.ts'
import { identifier, path, stepName } from './schema-parts.ts'

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, {
  error: 'must be a time such as "16:00"',
})

const localTime = z
  .string()
  .refine((text) => wallTimeOf(text) !== null, {
    error: 'must be a date such as "2026-12-23", or a time such as "2026-12-23T18:00"',
  })
  .meta({ pattern: '^\\d{4}-\\d\\d-\\d\\d(?:T(?:[01]\\d|2[0-3]):[0-5]\\d)?$' })

const common = {
  name: stepName.describe('What the refusal calls it.'),
  environments: z
    .array(identifier)
    .default([])
    .describe('Environments it holds for.')
    .meta({ shown_default: 'production' }),
  time_zone: z
    .string()
    .refine(isTimeZone, { error: 'is not a known time zone such as Europe/Berlin' })
    .default('UTC')
    .describe('IANA name, such as `Europe/Berlin`.'),
}

const kindText =
  '`weekly`: every week on the same days. `dates`: once. `holidays`: the days of a file.'

/** One entry of `freeze`. */
export const freezeWindow = z.union([
  z.strictObject({
    ...common,
    kind: z.literal('weekly').describe(kindText),
    days: z.array(z.enum(weekdays)).min(1).describe('Days on which it begins.'),
    from: timeOfDay.describe('Local time at which it begins, such as `"16:00"`.'),
    to: timeOfDay.describe('Local time at which it ends; not after `from`: on the next day.'),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('dates').describe(kindText),
    from: localTime.describe('Local date or time, such as `"2026-12-23"` or `"2026-12-23T18:00"`.'),
    to: localTime.describe('Local date, included, or the time at which it ends.'),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('holidays').describe(kindText),
    file: path.describe(
      'File of whole days: one to a line (`2026-12-25 Christmas Day`), or iCalendar with all-day events. Its days are part of the policy.',
    ),
  }),
])

function isTimeZone(text: string): boolean {
  try {
    clocksOf(text)
    return true
  } catch {
    return false
  }
}
