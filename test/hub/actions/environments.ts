import type { HubEnvironment } from '../hub.ts'
import { shortRef } from './engine.ts'
import type { Engine } from './engine.ts'
import type { Gate, RunState } from './state.ts'

const minute = 60_000

/** An environment that a job names exists from then on, without protection. */
export function environmentNamed(engine: Engine, written: string) {
  const { environments } = engine.core.settings
  for (const [name, environment] of environments) {
    if (name.toLowerCase() === written.toLowerCase()) return { name, environment }
  }
  const environment: HubEnvironment = {
    reviewers: [],
    preventSelfReview: false,
    waitMinutes: 0,
    branches: 'all',
    variables: [],
    secrets: [],
  }
  environments.set(written, environment)
  return { name: written, environment }
}

export function allowsRef(environment: HubEnvironment, run: RunState): boolean {
  if (environment.branches === 'all') return true
  const ref = shortRef(run.ref)
  if (environment.branches === 'protected') return ref === run.defaultBranch
  return environment.branches.some((pattern) => matchesPattern(pattern, ref))
}

export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split(/(\*\*|\*|\?)/)
  const source = parts.map((part) => {
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : RegExp.escape(part)
  })
  return new RegExp(`^${source.join('')}$`).test(name)
}

/** What a job has to wait for; null for nothing. */
export function gateOf(engine: Engine, name: string, environment: HubEnvironment): Gate | null {
  const now = engine.core.clock.now()
  const needsReview = environment.reviewers.length > 0
  if (!needsReview && environment.waitMinutes === 0) return null
  return {
    environment: name,
    needsReview,
    timerEnds: now + environment.waitMinutes * minute,
    since: now,
  }
}
