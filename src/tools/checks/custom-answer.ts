import * as z from 'zod'
import { couldNotRun, failed, passed, skipped, warned, type Check } from '../../core/check.ts'
import type { CustomCheck } from '../../core/custom-check.ts'
import { toJson, type Json } from '../../core/canonical.ts'
import { oneLine, sanitize } from '../../core/text.ts'

/** Bytes of an answer; who has more to tell keeps it elsewhere and names the place. */
export const mostAnswerBytes = 64 * 1024

const answer = z.object({
  status: z.enum(['passed', 'failed', 'warning', 'skipped']),
  message: z.string().refine((text) => oneLine(text) !== ''),
  details: z.record(z.string(), z.json()).default({}),
})

const shape = '{"status": "passed|failed|warning|skipped", "message": "..."}'

const results = { passed, failed, warning: warned, skipped }

/** The check of an answer: untrusted text that becomes part of a plan. Null: it is none. */
export function readAnswer(name: string, text: string): Check | null {
  const read = answer.safeParse(parsed(text))
  if (!read.success) return null
  const { status, message, details } = read.data
  return results[status](name, oneLine(message, 300), cleaned(details) as Record<string, Json>)
}

/** What the program or endpoint has to do, when it did something else. */
export function noAnswer({ name, requirement }: CustomCheck, how: string): Check {
  return couldNotRun(name, requirement, `${how}: it has to answer ${shape} as JSON`)
}

export function tooLong({ name, requirement }: CustomCheck): Check {
  const message = `its answer is longer than ${mostAnswerBytes / 1024} KiB: shorten details`
  return couldNotRun(name, requirement, message)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function cleaned(value: unknown): Json {
  if (typeof value === 'string') return sanitize(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (value === null || typeof value !== 'object') return toJson(value)
  const entries = Object.entries(value).map(([key, member]) => [sanitize(key), cleaned(member)])
  return Object.fromEntries(entries) as Json
}
