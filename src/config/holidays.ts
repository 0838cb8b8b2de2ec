import { toFailure } from '../core/failure.ts'
import type { FreezeWindow, Holiday } from '../core/freeze.ts'
import { readHolidays } from '../core/holiday-list.ts'
import type { Problem } from './problems.ts'
import type { Config } from './schema.ts'

/** The days of each file that a freeze names, by its absolute path. */
export type Holidays = ReadonlyMap<string, readonly Holiday[]>

type Resolve = (path: string) => string

const toldLines = 3

/**
 * Reads the files of holidays, so that their days are part of the policy and of its hash: who adds a day,
 * or takes one away, changes what was trusted.
 */
export async function loadHolidays(
  { freeze }: Pick<Config, 'freeze'>,
  absolute: Resolve,
  read: (file: string) => Promise<string>,
): Promise<{ holidays: Holidays; problems: Problem[] }> {
  const holidays = new Map<string, readonly Holiday[]>()
  const problems: Problem[] = []
  for (const [index, window] of freeze.entries()) {
    if (window.kind !== 'holidays') continue
    const file = absolute(window.file)
    const found = await daysOf(file, read)
    if ('problem' in found)
      problems.push({ path: ['freeze', index, 'file'], message: found.problem })
    else holidays.set(file, found.holidays)
  }
  return { holidays, problems }
}

async function daysOf(
  file: string,
  read: (file: string) => Promise<string>,
): Promise<{ holidays: Holiday[] } | { problem: string }> {
  const text = await read(file).catch((error: unknown) => ({ problem: toFailure(error).message }))
  if (typeof text !== 'string') return { problem: `cannot be used: ${text.problem}` }
  const { holidays, problems } = readHolidays(text)
  if (problems.length === 0) return { holidays }
  const told = problems.slice(0, toldLines).map(({ line, message }) => `line ${line} ${message}`)
  const more = problems.length - told.length
  const rest = more > 0 ? `; and ${more} more` : ''
  return { problem: `cannot be used: ${told.join('; ')}${rest}` }
}

/** The windows with their days. */
export function freezeWindows(
  { freeze }: Pick<Config, 'freeze'>,
  absolute: Resolve,
  holidays: Holidays,
): FreezeWindow[] {
  return freeze.map((window) => {
    if (window.kind !== 'holidays') return window
    const file = absolute(window.file)
    return { ...window, file, holidays: [...(holidays.get(file) ?? [])] }
  })
}
