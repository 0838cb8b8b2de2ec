import { setTimeout as sleep } from 'node:timers/promises'
import type { SmokeStep } from '../../core/smoke.ts'
import type { SmokeExchange, SmokeResult } from '../../ports/probe.ts'
import { runHttpStep, type HttpRun } from './kinds/http.ts'
import type { Limits } from './limits.ts'
import { networkProblem } from './network-problem.ts'
import { frameOf, notRun, type Planned, type SmokeRun } from './smoke-run.ts'
import { unasked, type StepOutcome } from './step-outcome.ts'
import type { Scalar } from './template.ts'

/** Until when the steps of a phase may take, and what ends them earlier. */
export interface Phase {
  endsAt: number
  signal: AbortSignal | undefined
  /** Where captures go: later steps see them, those of the same group do not. */
  captured: Map<string, Scalar>
}

/** Asks what a step asks, again where it says so, and words the result. */
export async function runStep(planned: Planned, run: SmokeRun, phase: Phase): Promise<SmokeResult> {
  const { step } = planned
  const missing = run.inserted.get(step)?.find((name) => !run.values.has(name))
  if (missing !== undefined) return notRun(planned, run, `{{${missing}}} has no value`)
  const started = run.now()
  const { outcome, attempts } = await tryUntilRight(step, run, phase)
  const passed = outcome.ran && outcome.problems.length === 0
  const frame = frameOf(planned, run)
  return {
    ...frame,
    passed,
    ran: outcome.ran,
    message: run.mask.show(messageOf(outcome, passed, attempts), 1000),
    status: outcome.status ?? null,
    duration_ms: run.now() - started,
    attempts,
    flaky: passed && attempts > 1,
    ...(outcome.latency && { latency: outcome.latency }),
    ...(outcome.tls && { tls: outcome.tls }),
    ...(!passed && outcome.exchange && { exchange: masked(outcome.exchange, run) }),
  }
}

function messageOf(
  { problems, found, ran, unknown }: StepOutcome,
  passed: boolean,
  attempts: number,
) {
  const told = problems.join('; ') || found
  const text = ran || unknown ? told : `not run: ${told}`
  if (attempts < 2) return text
  return passed ? `${text}, at attempt ${attempts}` : `${text} (after ${attempts} attempts)`
}

const exchangeLimit = 8 * 1024

function masked({ request, answer }: SmokeExchange, { mask }: SmokeRun): SmokeExchange {
  return { request: mask.block(request, exchangeLimit), answer: mask.block(answer, exchangeLimit) }
}

async function tryUntilRight(step: SmokeStep, run: SmokeRun, phase: Phase) {
  const most = step.retry?.attempts ?? 1
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(step, run, phase)
    const isRight = outcome.ran && outcome.problems.length === 0
    if (isRight || attempts === most || outcome.hopeless) return { outcome, attempts }
    const pauseMs = (step.retry?.delay_seconds ?? 0) * 1000
    if (run.now() + pauseMs >= phase.endsAt || !(await paused(pauseMs, phase.signal))) {
      return { outcome, attempts }
    }
  }
}

/** False when it was interrupted meanwhile. */
async function paused(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return false
  return await sleep(ms, true, signal ? { signal } : {}).catch(() => false)
}

/** A kind of step that fails in an unforeseen way must not take the results of the others along. */
async function attempt(step: SmokeStep, run: SmokeRun, phase: Phase): Promise<StepOutcome> {
  try {
    return await runKind(step, httpRun(step, run, phase))
  } catch (error) {
    return unasked(networkProblem(error as Error))
  }
}

/** Libraries of a kind are loaded by the first step that needs them. */
async function runKind(step: SmokeStep, run: HttpRun): Promise<StepOutcome> {
  switch (step.kind) {
    case 'http':
      return await runHttpStep(step, run)
    case 'tcp':
      return await (await import('./kinds/tcp.ts')).runTcpStep(step, run)
    case 'postgres':
      return await (await import('./kinds/postgres.ts')).runPostgresStep(step, run)
    case 'redis':
      return await (await import('./kinds/redis.ts')).runRedisStep(step, run)
    case 'command':
      return await (await import('./kinds/command.ts')).runCommandStep(step, run)
    case 'worker':
      return await (await import('./kinds/worker.ts')).runWorkerStep(step, run)
  }
}

function httpRun(step: SmokeStep, run: SmokeRun, phase: Phase): HttpRun {
  const { request, hosts, values, mask, programs, agents, sentInHeaders } = run
  return {
    limits: limitsOf(step, run, phase),
    hosts,
    values,
    capture: (name, value) => void phase.captured.set(name, value),
    mask,
    programs,
    variables: request.variables,
    exchange: request.exchange ?? false,
    baseUrl: request.baseUrl,
    agents,
    release: request.release ?? null,
    versionPath: request.versionPath ?? null,
    sentInHeaders,
    inserts: (run.inserted.get(step) ?? []).length > 0,
  }
}

/** The step's own limit or what is left for its phase, whichever ends first. */
function limitsOf(step: SmokeStep, run: SmokeRun, { endsAt, signal }: Phase): () => Limits {
  const started = run.now()
  const totalMs = Math.min(step.timeout_seconds * 1000, endsAt - started)
  return () => ({ totalMs, remainingMs: started + totalMs - run.now(), signal })
}
