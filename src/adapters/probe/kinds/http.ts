import type { Release } from '../../../core/release.ts'
import type { HttpStep } from '../../../core/smoke.ts'
import type { Agents } from '../agents.ts'
import { certificateText, inspectCertificate } from '../certificate.ts'
import type { HttpAnswer, HttpRequest, Way } from '../exchange.ts'
import { exchangeText } from '../exchange-text.ts'
import { buildRequest } from '../http-request.ts'
import { judge, versionPathOf, type JudgedBy, type Verdict } from '../judge.ts'
import { measure } from '../measure.ts'
import { isCertificateProblem } from '../network-problem.ts'
import { send, type Sent } from '../send.ts'
import { unasked, type StepOutcome, type StepRun } from '../step-outcome.ts'

/** What steps of this kind need besides what all of them get. */
export interface HttpRun extends StepRun {
  baseUrl: string
  agents: Agents
  release: Release | null
  versionPath: string | null
  /** Captures that some step sends in a header: credentials, most likely. */
  sentInHeaders: ReadonlySet<string>
  /** Whether the step has placeholders at all. */
  inserts: boolean
}

/** Sends one step's request, compares the answer and captures from it. */
export async function runHttpStep(step: HttpStep, run: HttpRun): Promise<StepOutcome> {
  const request = buildRequest(step, run.baseUrl, run.values, run.mask)
  if ('problem' in request) return unasked(request.problem)
  const obstacle = versionObstacle(step, run) ?? run.hosts.refusal(...placeOf(request))
  if (obstacle !== null) return unasked(obstacle)
  const once = () => askOnce(step, request, run)
  const { latency } = step.expect
  const { tried, ...measured } = latency ? await measure(latency, once) : { tried: await once() }
  if (tried.verdict.problems.length === 0) {
    for (const [name, value] of tried.verdict.captured) run.capture(name, value)
  }
  return { ...outcomeOf(step, tried, run), ...measured }
}

/** One request of a step and what became of it. */
export interface Tried {
  sent: Sent
  verdict: Verdict
  /** From sending it to the end of the answer. */
  took_ms: number
}

async function askOnce(step: HttpStep, request: HttpRequest, run: HttpRun): Promise<Tried> {
  const way = wayOf(step, run)
  const started = performance.now()
  const sent = await send(request, step.follow_redirects, run.limits, way)
  const took_ms = performance.now() - started
  return { sent, took_ms, verdict: await judgeSent(sent, judgedBy(step, run), run) }
}

/**
 * Kept connections only where sending the request a second time changes nothing: the other side may
 * have closed one. A certificate is seen on a fresh connection only.
 */
function wayOf({ method, expect }: HttpStep, { hosts, agents }: HttpRun): Way {
  const isRepeatable = method === 'GET' || method === 'HEAD'
  return { hosts, agents: isRepeatable && expect.tls_days_left === null ? agents : null }
}

async function judgeSent(
  { answer, refusal, request }: Sent,
  by: JudgedBy,
  run: HttpRun,
): Promise<Verdict> {
  if (refusal !== null) return { problems: [refusal], captured: [] }
  if (answer.reached) return await judge(answer, by)
  return { problems: [await unreachedText(answer, request, run)], captured: [] }
}

async function unreachedText(
  { problem, code }: Extract<HttpAnswer, { reached: false }>,
  { url }: HttpRequest,
  { hosts, limits }: HttpRun,
): Promise<string> {
  if (!isCertificateProblem(code)) return problem
  const certificate = await inspectCertificate(url, hosts, limits())
  return certificate === null ? problem : `${problem} ${certificateText(certificate)}`
}

function judgedBy(step: HttpStep, run: HttpRun): JudgedBy {
  const { values, release, versionPath, mask, sentInHeaders, inserts } = run
  return {
    step,
    inserts,
    values,
    release,
    versionPath,
    show: (text) => mask.show(text),
    hide(name, value) {
      if (sentInHeaders.has(name) || soundsSecret.test(name)) mask.add(value)
    },
  }
}

/** Names of captures that are secrets, most likely. */
export const soundsSecret = /token|secret|passw|session|cookie|credential|api_?key/i

function outcomeOf(step: HttpStep, { sent, verdict }: Tried, run: HttpRun): StepOutcome {
  const { answer, request } = sent
  const certificate = answer.reached ? answer.certificate : null
  const isLooked = step.expect.tls_days_left !== null && certificate !== null
  return {
    ran: true,
    problems: verdict.problems,
    found: answer.reached ? `status ${answer.status}` : '',
    status: answer.reached ? answer.status : null,
    ...(isLooked && { tls: certificate }),
    ...(run.exchange && verdict.problems.length > 0 && { exchange: exchangeText(request, answer) }),
  }
}

/** Host and port of a request. */
export function placeOf({ url }: HttpRequest): [string, number] {
  return [url.hostname, Number(url.port || (url.protocol === 'https:' ? 443 : 80))]
}

/** An answer cannot be compared with a release that nobody knows, or at a place that nobody named. */
function versionObstacle(step: HttpStep, { release, versionPath }: HttpRun): string | null {
  if (step.expect.version === false) return null
  if (versionPathOf(step, versionPath) === null) {
    return "expect.version is true, but the environment has no version.json_path: name the answer's field instead, such as version: commit"
  }
  return release === null
    ? 'what runs there is unknown, so no answer can be compared with it: deploy with gonogo, or record it with gonogo adopt'
    : null
}
