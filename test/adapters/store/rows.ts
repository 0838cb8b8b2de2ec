import { setTimeout as sleep } from 'node:timers/promises'
import type { Approval, Decision } from '../../../src/core/approval.ts'
import type { Deployment } from '../../../src/core/deployment.ts'
import type { TrustedPolicy } from '../../../src/core/policy-trust.ts'
import type { Evidence, Lock } from '../../../src/ports/store.ts'

export const runtime = {
  now: () => Date.now(),
  sleep: (ms: number) => sleep(ms),
}

export function deployment(id: string, changes: Partial<Deployment> = {}): Deployment {
  return {
    id,
    project: 'clinic',
    environment: 'staging',
    kind: 'deploy',
    status: 'queued',
    phase: 'starting',
    release: { sha: 'a'.repeat(40), version: 'v1.4.0' },
    from: null,
    git_ref: 'v1.4.0',
    initiated_by: 'agent:claude-code',
    reason: null,
    plan_hash: 'b'.repeat(64),
    plan: '{}',
    approval_id: null,
    preempts: null,
    run_id: null,
    external_id: null,
    bypass: false,
    health_status: 'unknown',
    fault: null,
    verified: false,
    created_at: 1_000,
    completed_at: null,
    due_at: 1_000,
    lease_owner: null,
    lease_until: 0,
    fence: 0,
    attempt: 0,
    last_error: null,
    ...changes,
  }
}

export function lock(environment: string, changes: Partial<Lock> = {}): Lock {
  return {
    environment,
    deployment_id: 'dep_1',
    holder: 'human:ada',
    reason: 'deploy v1.4.0',
    since: 1_000,
    ...changes,
  }
}

export function approval(id: string, changes: Partial<Approval> = {}): Approval {
  return {
    id,
    project: 'clinic',
    environment: 'production',
    request: {
      format: 'gonogo-approval-v2',
      id,
      action: 'promote',
      kind: 'standard',
      project: 'clinic',
      environment: 'production',
      version: 'v1.4.0',
      commit: 'a'.repeat(40),
      digests: ['sha256:1', 'sha256:2'],
      plan_hash: 'b'.repeat(64),
      requester: 'agent:claude-code',
      operator: 'ada',
      overrides: [],
      reason: null,
      nonce: 'once',
      expires_at: '2026-11-02T10:00:00Z',
    },
    plan: '{"action":"promote"}',
    requester: 'agent:claude-code',
    created_at: 1_000,
    expires_at: 9_000,
    state: 'open',
    decisions: [],
    consumed_by: null,
    ...changes,
  }
}

/** What somebody said about a request: by default the signed consent of Ada. */
export function decision(
  id: string,
  approvalId: string,
  changes: Partial<Decision> = {},
): Decision {
  return {
    id,
    approval_id: approvalId,
    verdict: 'approved',
    method: 'ssh_signature',
    person: 'ada',
    identity: 'ada@example.org',
    level: 'L1',
    statement: '{"code_sha256":null}',
    signature: '-----BEGIN SSH SIGNATURE-----',
    url: null,
    decided_at: 2_000,
    ...changes,
  }
}

export function evidence(id: string, changes: Partial<Evidence> = {}): Evidence {
  return {
    id,
    check: {
      check_name: 'tests_passed',
      status: 'passed',
      ran: true,
      message: '12 tests passed',
      details: { command: ['npm', 'test'], exit_code: 0 },
      duration_ms: 1_234,
    },
    sha: 'a'.repeat(40),
    environment: null,
    subject: 'c'.repeat(64),
    deployment_id: null,
    recorded_at: 1_000,
    ...changes,
  }
}

export function trusted(changes: Partial<TrustedPolicy> = {}): TrustedPolicy {
  return {
    project: 'clinic',
    statement: '{"format":"gonogo-trust-v1"}',
    policy: '{"environments":[]}',
    signature: 'signed by ada',
    approver: 'ada',
    level: 'L1',
    trusted_at: 1_000,
    ...changes,
  }
}
