import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { placeholdersIn, requestOf, type SmokeStep } from '../../core/smoke.ts'
import type { SmokeRequest, SmokeResult } from '../../ports/probe.ts'
import { createAgents, type Agents } from './agents.ts'
import { createHosts, type Hosts, type Resolve } from './hosts.ts'
import { createMask, type Mask } from './mask.ts'
import type { Programs } from './programs.ts'
import type { Scalar } from './template.ts'

/** What a probe is made with. */
export interface ProbeDeps {
  now: () => number
  /** Without them, steps of kind `command` cannot run. */
  programs?: Programs
  /** How names are looked up; the system's way when it is left out. */
  resolve?: Resolve
  /** When the process ends: the steps end, the teardown still runs. */
  shutdown?: AbortSignal
}

/** What the steps of one run share. */
export interface SmokeRun {
  request: SmokeRequest
  /** Ends all steps but the teardown. */
  signal: AbortSignal
  now: () => number
  /** When all steps but the teardown must be over, on the clock of `now`. */
  endsAt: number
  values: Map<string, Scalar>
  mask: Mask
  hosts: Hosts
  agents: Agents
  programs: Programs | null
  /** What each step inserts, by its placeholders. */
  inserted: ReadonlyMap<SmokeStep, readonly string[]>
  /** Captures that some step sends in a header: credentials, most likely. */
  sentInHeaders: ReadonlySet<string>
  /** Leaves nothing behind. */
  close: () => void
}

/** A step and the part of the run it belongs to. */
export interface Planned {
  step: SmokeStep
  phase: SmokeResult['phase']
}

/** The state before the first step; every variable counts as a secret. */
export function prepareRun(request: SmokeRequest, deps: ProbeDeps): SmokeRun {
  const mask = createMask()
  const values = new Map<string, Scalar>([['run.id', randomUUID()]])
  for (const [name, value] of Object.entries(request.variables)) {
    mask.add(value)
    values.set(`env.${name}`, value)
  }
  const inserted = new Map(allSteps(request).map((step) => [step, insertedBy(step)]))
  const agents = createAgents()
  const sources = [request.signal, deps.shutdown].filter((signal) => signal !== undefined)
  const { signal, forget } = endedBy(sources)
  return {
    request,
    signal,
    now: deps.now,
    endsAt: deps.now() + request.timeoutMs,
    values,
    mask,
    hosts: createHosts(
      [...placeOf(request.baseUrl), ...(request.allowedHosts ?? [])],
      deps.resolve,
    ),
    agents,
    programs: deps.programs ?? null,
    inserted,
    sentInHeaders: new Set([...inserted].flatMap(inHeaders)),
    close() {
      agents.destroy()
      forget()
    },
  }
}

/**
 * A signal of the run's own: parallel steps listen to it at the same time, so that many listeners are no
 * leak, and a signal that is not composed of others is the one that costs nothing to listen to.
 */
function endedBy(sources: readonly AbortSignal[]) {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const end = () => controller.abort()
  for (const source of sources) {
    if (source.aborted) end()
    source.addEventListener('abort', end)
  }
  const forget = () => {
    for (const source of sources) source.removeEventListener('abort', end)
  }
  return { signal: controller.signal, forget }
}

function placeOf(baseUrl: string): string[] {
  const url = URL.parse(baseUrl)
  return url ? [`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`] : []
}

/** Every step of a request, in the order they run. */
function allSteps({ setup = [], steps, teardown = [] }: SmokeRequest): SmokeStep[] {
  return [...setup, ...steps, ...teardown]
}

/** Names are for people: nothing is inserted there. */
function insertedBy(step: SmokeStep): string[] {
  return placeholdersIn({ ...step, name: '' })
}

function inHeaders([step, names]: [SmokeStep, string[]]): string[] {
  return step.kind === 'http' && names.length > 0 ? placeholdersIn(step.headers) : []
}

/** What is the same in every result of a step. */
export function frameOf({ step, phase }: Planned, run: SmokeRun) {
  const { name, kind } = step
  return { name, kind, phase, request: run.mask.show(requestOf(step, run.request.baseUrl), 500) }
}

/** The result of a step that asked nothing. */
export function notRun(planned: Planned, run: SmokeRun, message: string): SmokeResult {
  return {
    ...frameOf(planned, run),
    passed: false,
    ran: false,
    message: run.mask.show(`not run: ${message}`, 1000),
    status: null,
    duration_ms: 0,
    attempts: 0,
    flaky: false,
  }
}
