import { canonicalJson } from '../../core/canonical.ts'
import { readPath } from '../../core/json-path.ts'
import type { HttpExpectation } from '../../core/smoke.ts'
import type { HttpAnswer } from './exchange.ts'

export type Answer = Extract<HttpAnswer, { reached: true }>

/** Makes a value of the answer fit to be shown. */
export type Show = (text: string) => string

/** What the headers and the content of the answer lack of what is expected. */
export function unmet(
  expected: Pick<HttpExpectation, 'headers' | 'json' | 'body_contains' | 'body_not_contains'>,
  answer: Answer,
  json: unknown,
  show: Show,
): string[] {
  const headers = Object.entries(expected.headers).map(([name, value]) => {
    const got = headerOf(answer, name)
    return difference(`header ${name}`, value, got, show)
  })
  const fields = Object.entries(expected.json).map(([path, value]) =>
    difference(`JSON field ${path}`, value, readPath(json, path), show),
  )
  return [...headers, ...fields, ...inBody(expected, answer, show)].filter(
    (problem) => problem !== null,
  )
}

/** A header of the answer as one text; undefined when it is not there. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const got = answer.headers[name.toLowerCase()]
  return Array.isArray(got) ? got.join(', ') : got
}

/** Null when the values are the same, else both of them in words. */
function difference(what: string, expected: unknown, got: unknown, show: Show): string | null {
  if (got === expected && got !== undefined) return null
  if (got !== undefined && canonicalJson(got) === canonicalJson(expected)) return null
  const received = got === undefined ? 'nothing' : show(JSON.stringify(got))
  return `${what}: expected ${show(JSON.stringify(expected))}, got ${received}`
}

function inBody(
  expected: Pick<HttpExpectation, 'body_contains' | 'body_not_contains'>,
  { body, cut }: Answer,
  show: Show,
): string[] {
  const read = cut ? 'the first MiB of the body' : 'the body'
  const unseen = 'the answer is longer than 1 MiB: whether it contains'
  const lacking = expected.body_contains.filter((text) => !body.includes(text))
  const isIn = (text: string) => body.includes(text)
  const unwanted = expected.body_not_contains.filter((text) => cut || isIn(text))
  return [
    ...lacking.map((text) => `${read} does not contain ${show(JSON.stringify(text))}`),
    ...unwanted.map((text) => {
      const quoted = show(JSON.stringify(text))
      return isIn(text) ? `${read} contains ${quoted}` : `${unseen} ${quoted} is not known`
    }),
  ]
}

/** The answer's body as JSON, or why it is none. */
export function parseBody(
  { body, cut, unread }: Answer,
  show: Show,
): { json: unknown; problem: null } | { problem: () => string } {
  if (unread !== null) return { problem: () => unread }
  if (cut) return { problem: () => 'the answer is longer than 1 MiB and was not read as JSON' }
  try {
    // Trimming takes a byte order mark away.
    const json: unknown = JSON.parse(body.trim())
    // What compares and prints values recurses into them: an answer must not exhaust the stack.
    if (body.length > 200 && isDeeper(json, 100))
      return { problem: () => 'the answer is nested too deeply to be compared' }
    return { json, problem: null }
  } catch {
    // Worded for whoever wants JSON: a page is long.
    const shown = () => (body === '' ? 'it is empty' : show(body))
    return { problem: () => `the answer is not JSON: ${shown()}` }
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
