import type { Plan } from '../../src/core/plan.ts'

/** A promotion's plan, for tests to change. */
export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    format: 'gonogo-plan-v2',
    action: 'promote',
    project: 'clinic',
    environment: 'production',
    release: { sha: 'b'.repeat(40), version: 'v1.1.0' },
    from: { sha: 'a'.repeat(40), version: 'v1.0.0' },
    before: {
      environment: 'staging',
      release: { sha: 'b'.repeat(40), version: 'v1.1.0' },
    },
    pipeline: {
      kind: 'local',
      target: '/srv/clinic',
      isolation: 'none',
      steps: [{ phase: 'prepare', name: 'install', run: ['npm', 'ci'] }],
    },
    checks: [{ name: 'tests_passed', requirement: 'required', status: 'passed' }],
    images: [],
    migrations: null,
    skips: [],
    verify: 'basic',
    warnings: [],
    preempts: null,
    reason: null,
    policy_hash: 'c'.repeat(64),
    ...changes,
  }
}
