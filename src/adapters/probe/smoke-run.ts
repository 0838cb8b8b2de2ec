import type { SmokeStep } from '../../core/project.ts'
import type { SmokeRequest, SmokeResult } from '../../ports/probe.ts'
import { createMask, type Mask } from './mask.ts'
import { placeholdersIn, type Scalar } from './template.ts'

/** What the steps of one run share. */
export interface SmokeRun {
  baseUrl: string
  signal: AbortSignal | undefined
  now: () => number
  timeoutMs: number
  /** When the whole run must be over, on the clock of `now`. */
  endsAt: number
  values: Map<string, Scalar>
  mask: Mask
  /** Captures that some step sends in a header: credentials, most likely. */
  sentInHeaders: ReadonlySet<string>
}

/** The state before the first step; every variable counts as a secret. */
export function prepareRun(request: SmokeRequest, now: () => number): SmokeRun {
  const { baseUrl, timeoutMs, signal } = request
  const mask = createMask()
  const values = new Map<string, Scalar>()
  for (const [name, value] of Object.entries(request.variables)) {
    mask.add(value)
    values.set(`env.${name}`, value)
  }
  const sentInHeaders = new Set(request.steps.flatMap((step) => placeholdersIn(step.headers)))
  return { baseUrl, signal, now, timeoutMs, endsAt: now() + timeoutMs, values, mask, sentInHeaders }
}

/** The result of a step that sent nothing. */
export function notRun(step: SmokeStep, run: SmokeRun, message: string): SmokeResult {
  return {
    name: step.name,
    passed: false,
    ran: false,
    message: run.mask.show(message, 1000),
    request: requestText(step, run),
    status: null,
    duration_ms: 0,
  }
}

/** The request as it is configured: placeholders stay, so there is nothing to mask. */
export function requestText(step: SmokeStep, run: SmokeRun): string {
  return `${step.method} ${run.baseUrl.replace(/\/+$/, '')}${step.path}`
}
