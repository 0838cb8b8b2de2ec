/** The smoke tests of a project: what proves that a live system works. */
export interface SmokeSuites {
  /** Run before the suite; a failure ends the run. */
  setup: SmokeStep[]
  basic: SmokeStep[]
  /** Run after the basic ones when the full suite is asked for. */
  full: SmokeStep[]
  /** Run last, whatever happened before. */
  teardown: SmokeStep[]
  /** Limit of all teardown steps together: they have a time of their own. */
  teardown_seconds: number
  /** Hosts that steps may reach besides those of the environment: `host` or `host:port`. */
  allowed_hosts: string[]
  /** How many steps of a parallel group run at the same time. */
  concurrency: number
}

/** One question to a live system. `{{name}}` inserts a captured or `env.` value. */
export type SmokeStep = HttpStep | TcpStep | PostgresStep | RedisStep | CommandStep | WorkerStep

export type SmokeKind = SmokeStep['kind']

/** What steps of every kind have. */
export interface StepFrame {
  name: string
  /** Of one attempt. */
  timeout_seconds: number
  /** Runs at the same time as the parallel steps next to it. */
  parallel: boolean
  /** Null: the first answer counts. */
  retry: RetryRule | null
}

export interface RetryRule {
  /** All attempts, the first one included. */
  attempts: number
  delay_seconds: number
}

/** One HTTP request and what its answer must be. Exactly one of `path` and `url` is set. */
export interface HttpStep extends StepFrame {
  kind: 'http'
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Path below the environment's URL. */
  path: string | null
  /** Absolute URL, or one that begins with a variable: `{{env.AUTH_URL}}/login`. */
  url: string | null
  headers: Record<string, string>
  /** Sent as JSON when present. */
  body: unknown
  expect: HttpExpectation
  /** Name to dot-separated path in the JSON answer. */
  capture: Record<string, string>
  /** Name to header of the answer. */
  capture_headers: Record<string, string>
  follow_redirects: boolean
}

export interface HttpExpectation {
  status: number | number[]
  headers: Record<string, string>
  /** Dot-separated path to the expected value. */
  json: Record<string, unknown>
  /** JSON Schema, draft 2020-12; null: any JSON, or none. */
  json_schema: Record<string, unknown> | null
  body_contains: string[]
  body_not_contains: string[]
  latency: LatencyRule | null
  /** Least number of whole days for which the certificate is still valid. */
  tls_days_left: number | null
  /**
   * The answer names the release under test: at this dot-separated path, or (true) at the one of
   * the environment's `version`.
   */
  version: boolean | string
}

/** The request is sent that often; percentiles of the times are by nearest rank. */
export interface LatencyRule {
  requests: number
  concurrency: number
  p50_ms: number | null
  p95_ms: number | null
  p99_ms: number | null
  max_ms: number | null
}

export interface TcpStep extends StepFrame {
  kind: 'tcp'
  host: string
  port: number
  tls: boolean
  /** Sent once connected; null: nothing. */
  send: string | null
  expect: { contains: string | null }
}

export interface PostgresStep extends StepFrame {
  kind: 'postgres'
  /** A reference such as `{{env.DATABASE_URL}}`. */
  url: string
  query: string
  /** Writes and reads a temporary table, which nobody else sees. */
  round_trip: boolean
  expect: { rows: number | null; values: Record<string, unknown> }
  capture: Record<string, string>
}

export interface RedisStep extends StepFrame {
  kind: 'redis'
  /** A reference such as `{{env.REDIS_URL}}`. */
  url: string
  /** Sets a key with a random name and a short life, reads it back and deletes it. */
  round_trip: boolean
}

export interface CommandStep extends StepFrame {
  kind: 'command'
  /** Argument vector; there is no shell. */
  run: string[]
  expect: {
    exit_code: number
    stdout_contains: string[]
    /** Dot-separated path to the expected value. */
    stdout_json: Record<string, unknown>
  }
  capture: Record<string, string>
}

/** Whether a background worker is alive. What cannot be asked is unknown, never healthy. */
export interface WorkerStep extends StepFrame {
  kind: 'worker'
  source: WorkerSource
  /** How many of a list of workers must be there. */
  at_least: number
  /** How long ago the last sign of life may be; null: being there is enough. */
  max_age_seconds: number | null
}

/** Who is asked about a worker. */
export type WorkerSource =
  | {
      from: 'endpoint'
      /** Path below the environment's URL. */
      path: string
      headers: Record<string, string>
      /** Where the answer has the workers, and where it (or each of them) says when it was there. */
      workers: string | null
      last_seen: string | null
    }
  /** The first column of the first row is the age of the last sign of life in seconds. */
  | { from: 'postgres'; url: string; query: string }
  /** The key holds the time of the last sign of life. */
  | { from: 'redis'; url: string; key: string }

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The names of all placeholders in a value, however deep. */
export function placeholdersIn(value: unknown): string[] {
  const text = JSON.stringify(value) ?? ''
  if (!text.includes('{{')) return []
  return [...text.matchAll(placeholder)].map((match) => match[1] ?? '')
}

/** What a step adds to the values of later steps. */
export function capturesOf(step: SmokeStep): string[] {
  const { capture = {}, capture_headers = {} } = step as Partial<HttpStep>
  return [...Object.keys(capture), ...Object.keys(capture_headers)]
}

/**
 * The teardown of a run of these steps. What clears up after a suite that does not run has nothing to
 * insert, and nothing to clear up.
 */
export function teardownFor(
  steps: readonly SmokeStep[],
  teardown: readonly SmokeStep[],
): SmokeStep[] {
  const captured = new Set([...steps, ...teardown].flatMap(capturesOf))
  const isFilled = (name: string) => /^(?:env|run)\./.test(name) || captured.has(name)
  return teardown.filter(({ name: _name, ...asking }) => placeholdersIn(asking).every(isFilled))
}

/** The steps in the order they run: a list each, of one step or of parallel ones. */
export function groupsOf(steps: readonly SmokeStep[]): SmokeStep[][] {
  const groups: SmokeStep[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (step.parallel && last?.[0]?.parallel) last.push(step)
    else groups.push([step])
  }
  return groups
}

/** What a step asks, as it is configured: placeholders stay, so there is no secret in it. */
export function requestOf(step: SmokeStep, baseUrl: string): string {
  switch (step.kind) {
    case 'http':
      return `${step.method} ${step.url ?? baseUrl.replace(/\/+$/, '') + (step.path ?? '')}`
    case 'tcp':
      return `connect to ${step.host}:${step.port}${step.tls ? ' with TLS' : ''}`
    case 'postgres':
      return `ask ${step.url}: ${step.query}${step.round_trip ? ', and a round trip' : ''}`
    case 'redis':
      return `${step.round_trip ? 'make a round trip' : 'PING'} at ${step.url}`
    case 'command':
      return `run ${step.run.join(' ')}`
    case 'worker':
      return requestOfWorker(step.source, baseUrl)
  }
}

function requestOfWorker(source: WorkerSource, baseUrl: string): string {
  switch (source.from) {
    case 'endpoint':
      return `GET ${baseUrl.replace(/\/+$/, '')}${source.path}`
    case 'postgres':
      return `ask ${source.url}: ${source.query}`
    case 'redis':
      return `GET ${source.key} at ${source.url}`
  }
}
