import type { SmokeStep } from '../core/project.ts'

/** Talks to live systems over HTTP. Every call ends by its time limit, whatever the other side does. */
export interface Probe {
  /** One GET, no redirects followed. Never throws: an unreachable system is an answer. */
  get(url: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<ProbeAnswer>
  /** Runs smoke steps in order; a failed step ends the run and later ones are reported as not run. */
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
  steps: readonly SmokeStep[]
  /** Values for `{{env.NAME}}`; never shown in a result. */
  variables: Record<string, string>
  timeoutMs: number
  signal?: AbortSignal
  onStep?: (done: number, total: number, name: string) => void
}

/** Untrusted answers are sanitised and cut; secrets that were sent are masked. */
export interface SmokeResult {
  name: string
  passed: boolean
  ran: boolean
  message: string
  request: string
  status: number | null
  duration_ms: number
}
