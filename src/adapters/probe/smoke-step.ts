import type { SmokeStep } from '../../core/project.ts'
import type { SmokeResult } from '../../ports/probe.ts'
import type { HttpAnswer, HttpRequest, Limits } from './exchange.ts'
import { fieldAt, parseBody, unmet } from './expectations.ts'
import { send } from './send.ts'
import { notRun, requestText, type SmokeRun } from './smoke-run.ts'
import { fillDeep, fillText, placeholdersIn } from './template.ts'

/** Sends one step's request, compares the answer and captures from it. */
export async function runStep(step: SmokeStep, run: SmokeRun): Promise<SmokeResult> {
  const { path, headers, body, expect } = step
  const missing = placeholdersIn([path, headers, body, expect]).filter(
    (name) => !run.values.has(name),
  )
  if (missing[0] !== undefined) return notRun(step, run, `not run: {{${missing[0]}}} has no value`)
  const request = build(step, run)
  if (!request) return notRun(step, run, 'not run: the base URL is not an http or https URL')
  const started = run.now()
  const { answer, refusal } = await send(request, step.follow_redirects, limitsOf(step, run))
  const problems = refusal === null ? judge(step, answer, run) : [refusal]
  const status = answer.reached ? answer.status : null
  return {
    name: step.name,
    passed: problems.length === 0,
    ran: true,
    message: run.mask.show(problems.join('; ') || `status ${status}`, 1000),
    request: requestText(step, run),
    status,
    duration_ms: run.now() - started,
  }
}

function build(step: SmokeStep, run: SmokeRun): HttpRequest | null {
  // An inserted value is data: encoded, it cannot lead the request anywhere else.
  const path = fillText(step.path, run.values, encodeURIComponent)
  const url = URL.parse(run.baseUrl.replace(/\/+$/, '') + path)
  if (!url || !/^https?:$/.test(url.protocol)) return null
  const headers = Object.fromEntries(
    Object.entries(step.headers).map(([name, value]) => [
      name.toLowerCase(),
      fillText(value, run.values),
    ]),
  )
  if (step.body === undefined) return { method: step.method, url, headers }
  const body = JSON.stringify(fillDeep(step.body, run.values))
  const described = {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }
  return { method: step.method, url, headers: described, body }
}

/** The step's own limit or what is left for the whole run, whichever ends first. */
function limitsOf(step: SmokeStep, run: SmokeRun): () => Limits {
  const started = run.now()
  const totalMs = Math.min(step.timeout_seconds * 1000, run.endsAt - started)
  return () => ({ totalMs, remainingMs: started + totalMs - run.now(), signal: run.signal })
}

/** What is wrong with the answer; when nothing is, the captures are stored. */
function judge(step: SmokeStep, answer: HttpAnswer, run: SmokeRun): string[] {
  if (!answer.reached) return [answer.problem]
  const show = (text: string) => run.mask.show(text)
  const readsJson = [step.expect.json, step.capture].some((map) => Object.keys(map).length > 0)
  const parsed = readsJson ? parseBody(answer, show) : { json: undefined, problem: null }
  const json = parsed.problem === null ? parsed.json : undefined
  hideCredentials(step, json, run)
  const expected = fillDeep(step.expect, run.values) as SmokeStep['expect']
  // With a wrong status its content says nothing, least of all why it is not JSON.
  if (answer.status !== expected.status) {
    return [`expected status ${expected.status}, got ${answer.status}`]
  }
  if (parsed.problem !== null) return [parsed.problem]
  const problems = unmet(expected, answer, json, show)
  return problems.length > 0 ? problems : capture(step, json, run)
}

function capture(step: SmokeStep, json: unknown, run: SmokeRun): string[] {
  return Object.entries(step.capture).flatMap(([name, path]) => {
    const value = fieldAt(json, path)
    const isScalar = ['string', 'number', 'boolean'].includes(typeof value)
    if (!isScalar) return [`nothing to capture as ${name}: JSON field ${path} is not a plain value`]
    run.values.set(name, value as string)
    return []
  })
}

// Before anything of the answer is worded: a failing step may already quote its own token.
function hideCredentials(step: SmokeStep, json: unknown, run: SmokeRun): void {
  for (const [name, path] of Object.entries(step.capture)) {
    const value = fieldAt(json, path)
    if (run.sentInHeaders.has(name) && typeof value === 'string') run.mask.add(value)
  }
}
