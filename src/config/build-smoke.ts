import type { z } from 'zod'
import type { HttpStep, SmokeStep, SmokeSuites, WorkerStep } from '../core/smoke.ts'
import type { Config } from './schema.ts'
import { smokeStep } from './schema-smoke.ts'
import { expandBlock, type RawStep } from './smoke-blocks.ts'

type Section = Config['smoke']
type Listed = Section['basic'][number]
type Entry = z.output<typeof smokeStep>

/** The smoke tests as every room reads them: what was left out is null. */
export function buildSmoke({ setup, basic, full, teardown, ...rest }: Section): SmokeSuites {
  const blocks = [...setup, ...basic, ...full].filter((entry) => 'use' in entry).toReversed()
  return {
    ...rest,
    setup: setup.flatMap((entry) => stepsOf(entry, 'steps')),
    basic: basic.flatMap((entry) => stepsOf(entry, 'steps')),
    full: full.flatMap((entry) => stepsOf(entry, 'steps')),
    teardown: [...blocks.flatMap((entry) => stepsOf(entry, 'cleanup')), ...teardown.map(buildStep)],
  }
}

/** A step, or those that a block stands for. */
function stepsOf(entry: Listed, part: 'steps' | 'cleanup'): SmokeStep[] {
  if (!('use' in entry)) return [buildStep(entry)]
  return (expandBlock(entry)?.[part] ?? []).map(buildExpanded)
}

/** Names are checked where they are written; with that of its block before it, one may be longer. */
function buildExpanded({ name, ...step }: RawStep): SmokeStep {
  if (step['kind'] === 'worker') return buildWorker(name, step as Worker)
  return { ...buildStep(smokeStep.parse({ ...step, name: 'step' })), name }
}

type Worker = Omit<Extract<Listed, { use: 'worker' }>, 'name' | 'use'>

function buildWorker(name: string, { timeout_seconds, ...worker }: Worker): WorkerStep {
  const { at_least, retry = null, max_age_seconds = null } = worker
  const frame = { kind: 'worker', name, timeout_seconds, retry, parallel: false } as const
  return { ...frame, source: sourceOf(worker), at_least, max_age_seconds }
}

function sourceOf(worker: Omit<Worker, 'timeout_seconds'>): WorkerStep['source'] {
  const { path, headers, workers = null, last_seen = null } = worker
  if (path !== undefined) return { from: 'endpoint', path, headers, workers, last_seen }
  const { url = '', query, key = '' } = worker
  return query === undefined ? { from: 'redis', url, key } : { from: 'postgres', url, query }
}

function buildStep(entry: Entry): SmokeStep {
  const { retry = null } = entry
  switch (entry.kind) {
    case 'tcp': {
      const { contains = null } = entry.expect
      return { ...entry, retry, send: entry.send ?? null, expect: { contains } }
    }
    case 'postgres': {
      const { rows = null, values } = entry.expect
      return { ...entry, retry, expect: { rows, values } }
    }
    case 'redis':
    case 'command':
      return { ...entry, retry }
    case 'http':
    case undefined:
      return { ...buildHttp(entry), retry }
  }
}

function buildHttp(entry: Extract<Entry, { method: string }>): Omit<HttpStep, 'retry'> {
  const { path = null, url = null, body, expect } = entry
  const { json_schema = null, latency, tls_days_left = null } = expect
  const { p50_ms = null, p95_ms = null, p99_ms = null, max_ms = null } = latency ?? {}
  const limits = latency ? { ...latency, p50_ms, p95_ms, p99_ms, max_ms } : null
  const expected = { ...expect, json_schema, latency: limits, tls_days_left }
  return { ...entry, kind: 'http', path, url, body, expect: expected }
}
