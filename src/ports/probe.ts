import type { Release } from '../core/release.ts'
import type { SmokeKind, SmokeStep } from '../core/smoke.ts'

/** Talks to live systems. Every call ends by its time limit, whatever the other side does. */
export interface Probe {
  /** One GET, no redirects followed. Never throws: an unreachable system is an answer. */
  get(url: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<ProbeAnswer>
  /** One POST of JSON, no redirects followed. Never throws. */
  ask(
    url: string,
    options: { json: unknown; timeoutMs: number; signal?: AbortSignal },
  ): Promise<ProbeAnswer>
  /**
   * Runs smoke steps in order, parallel ones next to each other at the same time; a failure ends the
   * run, later steps are reported as not run, and the teardown runs in any case. Never throws.
   */
  smoke(request: SmokeRequest): Promise<SmokeResult[]>
}

export type ProbeAnswer =
  | {
      reached: true
      status: number
      body: string
      /** Its `Date` header, as sent: untrusted text. */
      date: string | null
      duration_ms: number
    }
  | { reached: false; problem: string; duration_ms: number }

export interface SmokeRequest {
  baseUrl: string
  setup?: readonly SmokeStep[]
  steps: readonly SmokeStep[]
  teardown?: readonly SmokeStep[]
  /** The release under test; null: nobody knows what runs. */
  release?: Release | null
  /** Where an answer names it when a step does not say; null: steps have to. */
  versionPath?: string | null
  /** `host` or `host:port` besides the one of `baseUrl`. */
  allowedHosts?: readonly string[]
  /** How many steps of a parallel group run at the same time. */
  concurrency?: number
  /** Values for `{{env.NAME}}`; never shown in a result. */
  variables: Record<string, string>
  timeoutMs: number
  teardownTimeoutMs?: number
  /** Failing steps carry what was sent and what was answered. */
  exchange?: boolean
  signal?: AbortSignal
  onStep?: (done: number, total: number, name: string) => void
}

/** Untrusted answers are sanitised and cut; secrets that were sent are masked. */
export interface SmokeResult {
  name: string
  kind: SmokeKind
  phase: 'setup' | 'test' | 'teardown'
  passed: boolean
  /** False: nothing was asked, or what was asked could not be told. Never passed. */
  ran: boolean
  message: string
  request: string
  status: number | null
  duration_ms: number
  /** 0 when nothing was sent. */
  attempts: number
  /** It passed, but not at the first attempt. */
  flaky: boolean
  latency?: SmokeLatency
  tls?: SmokeCertificate
  exchange?: SmokeExchange
}

/** Times of all requests of a step in milliseconds; percentiles by nearest rank. */
export interface SmokeLatency {
  requests: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
  max_ms: number
}

/** The certificate a server showed. Its texts are untrusted. */
export interface SmokeCertificate {
  subject: string
  issuer: string
  valid_to: string
  /** Whole days; negative once it has expired. */
  days_left: number
}

/** What was sent and answered: untrusted text, with secrets masked and cut. */
export interface SmokeExchange {
  request: string
  answer: string
}
