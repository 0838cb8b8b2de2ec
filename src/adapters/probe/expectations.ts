import { canonicalJson } from '../../core/canonical.ts'
import type { SmokeStep } from '../../core/project.ts'
import type { HttpAnswer } from './exchange.ts'

type Answer = Extract<HttpAnswer, { reached: true }>

/** Makes a value of the answer fit to be shown. */
type Show = (text: string) => string

/** What the headers and the content of the answer lack of what is expected. */
export function unmet(
  expected: SmokeStep['expect'],
  answer: Answer,
  json: unknown,
  show: Show,
): string[] {
  const headers = Object.entries(expected.headers).map(([name, value]) => {
    const got = answer.headers[name.toLowerCase()]
    return difference(`header ${name}`, value, Array.isArray(got) ? got.join(', ') : got, show)
  })
  const fields = Object.entries(expected.json).map(([path, value]) =>
    difference(`JSON field ${path}`, value, fieldAt(json, path), show),
  )
  return [...headers, ...fields].filter((problem) => problem !== null)
}

function difference(what: string, expected: unknown, got: unknown, show: Show): string | null {
  if (got !== undefined && canonicalJson(got) === canonicalJson(expected)) return null
  const received = got === undefined ? 'nothing' : show(JSON.stringify(got))
  return `${what}: expected ${show(JSON.stringify(expected))}, got ${received}`
}

/** The answer's body as JSON, or why it is none. */
export function parseBody(
  answer: Answer,
  show: Show,
): { json: unknown; problem: null } | { problem: string } {
  if (answer.cut) return { problem: 'the answer is longer than 1 MiB and was not read as JSON' }
  try {
    const json: unknown = JSON.parse(answer.body)
    // What compares and prints values recurses into them: an answer must not exhaust the stack.
    if (isDeeper(json, 100)) return { problem: 'the answer is nested too deeply to be compared' }
    return { json, problem: null }
  } catch {
    const body = answer.body === '' ? 'it is empty' : show(answer.body)
    return { problem: `the answer is not JSON: ${body}` }
  }
}

/** The value at a dot-separated path, or undefined. */
export function fieldAt(json: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        value !== null && typeof value === 'object' && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      json,
    )
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
