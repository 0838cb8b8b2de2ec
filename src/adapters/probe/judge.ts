import { readPath } from '../../core/json-path.ts'
import { saysIll } from '../../core/health-words.ts'
import { namesRelease, type Release } from '../../core/release.ts'
import type { HttpExpectation, HttpStep } from '../../core/smoke.ts'
import type { SmokeCertificate } from '../../ports/probe.ts'
import { certificateText } from './certificate.ts'
import { headerOf, parseBody, unmet, type Answer, type Show } from './expectations.ts'
import { schemaProblem } from './json-schema.ts'
import { redirectOf } from './send.ts'
import { fillDeep, type Scalar, type Values } from './template.ts'

export interface Verdict {
  problems: string[]
  /** What later steps get; empty when something is wrong. */
  captured: [string, Scalar][]
}

/** What an answer is judged with. */
export interface JudgedBy {
  step: HttpStep
  /** Whether the step has placeholders at all. */
  inserts: boolean
  values: Values
  /** The release under test and where an answer names it; looked at when the step asks for it. */
  release: Release | null
  versionPath: string | null
  show: Show
  /** Told of what is captured before anything is worded: an answer may quote its own token. */
  hide: (name: string, value: string) => void
}

/** Compares an answer with what its step expects. */
export async function judge(answer: Answer, by: JudgedBy): Promise<Verdict> {
  const { step, show } = by
  const expected = by.inserts ? (fillDeep(step.expect, by.values) as HttpExpectation) : step.expect
  const { json_schema } = expected
  const parsed = parseBody(answer, show)
  const json = parsed.problem === null ? parsed.json : undefined
  hideCaptures(answer, json, by)
  // With a wrong status its content says nothing, least of all why it is not JSON.
  const status = wrongStatus(expected.status, answer, show)
  if (status !== null) return wrong([status])
  if (answer.unread !== null) return wrong([answer.unread])
  if (parsed.problem !== null && readsJson(step)) return wrong([parsed.problem()])
  const problems = [
    ...illUnderSuccess(expected, answer, json ?? answer.body, show),
    ...unmet(expected, answer, json, show),
    ...(json_schema === null ? [] : await schemaProblem(json_schema, json, show)),
    ...wrongVersion(json, by),
    ...certificateProblem(expected.tls_days_left, answer.certificate),
  ]
  return problems.length > 0 ? wrong(problems) : capture(answer, json, step)
}

function wrong(problems: string[]): Verdict {
  return { problems, captured: [] }
}

function readsJson({ expect, capture: captures }: HttpStep): boolean {
  const isAsked = [expect.json, captures].some((map) => Object.keys(map).length > 0)
  return isAsked || expect.json_schema !== null || expect.version !== false
}

function wrongStatus(expected: number | number[], answer: Answer, show: Show): string | null {
  const wanted = [expected].flat()
  if (wanted.includes(answer.status)) return null
  const text = `expected status ${wanted.join(' or ')}, got ${answer.status}`
  const location = redirectOf(answer)
  if (location === undefined || wanted.some((status) => status >= 300 && status < 400)) return text
  // Its query is another one each time where it leads to a login, and may hold a secret.
  const [place] = location.split(/[?#]/)
  return `${text}: a redirect to ${show(JSON.stringify(place))} is not an answer`
}

/** Health endpoints lie: a success that calls itself ill is none, unless that is what is expected. */
function illUnderSuccess(
  expected: Pick<HttpExpectation, 'json'>,
  { status }: Answer,
  said: unknown,
  show: Show,
): string[] {
  const word = status < 300 ? saysIll(said) : null
  if (word === null || Object.hasOwn(expected.json, 'status')) return []
  return [
    `the answer has status ${status}, but says of itself: status ${show(JSON.stringify(word))}`,
  ]
}

function wrongVersion(json: unknown, { step, release, versionPath, show }: JudgedBy): string[] {
  const path = versionPathOf(step, versionPath)
  if (path === null || release === null) return []
  const reported = readPath(json, path)
  const text = ['string', 'number'].includes(typeof reported) ? String(reported) : null
  if (text !== null && namesRelease(text, release)) return []
  const got = reported === undefined ? 'nothing' : show(JSON.stringify(reported))
  return [`version at ${path}: expected ${release.version} (${release.sha}), got ${got}`]
}

/** Where the answer of a step names the release; null when the step does not ask, or nobody says. */
export function versionPathOf({ expect }: HttpStep, versionPath: string | null): string | null {
  if (expect.version === false) return null
  return expect.version === true ? versionPath : expect.version
}

function certificateProblem(least: number | null, certificate: SmokeCertificate | null): string[] {
  if (least === null) return []
  if (certificate === null) return ['the certificate could not be looked at: is the URL https?']
  if (certificate.days_left >= least) return []
  return [`the certificate ends too soon: ${least} days wanted ${certificateText(certificate)}`]
}

function hideCaptures(answer: Answer, json: unknown, { step, hide }: JudgedBy): void {
  for (const [name, path] of Object.entries(step.capture)) {
    const value = readPath(json, path)
    if (isScalar(value)) hide(name, String(value))
  }
  for (const [name, header] of Object.entries(step.capture_headers)) {
    const value = headerOf(answer, header)
    if (value !== undefined) hide(name, value)
  }
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function capture(answer: Answer, json: unknown, step: HttpStep): Verdict {
  const fields = Object.entries(step.capture).map(([name, path]) => {
    const value = readPath(json, path)
    const problem = `nothing to capture as ${name}: JSON field ${path} is not a plain value`
    return { name, value: isScalar(value) ? value : undefined, problem }
  })
  const headers = Object.entries(step.capture_headers).map(([name, header]) => {
    const problem = `nothing to capture as ${name}: the answer has no header ${header}`
    return { name, value: headerOf(answer, header), problem }
  })
  const all = [...fields, ...headers]
  const missing = all.filter(({ value }) => value === undefined)
  if (missing.length > 0) return wrong(missing.map(({ problem }) => problem))
  return { problems: [], captured: all.map(({ name, value }) => [name, value!]) }
}
