import { dirname, join } from 'node:path'
import { createAuditLog, type AuditLogDeps } from '../../src/adapters/audit/log.ts'
import { createRuntime } from '../../src/adapters/runtime/runtime.ts'
import type { AuditPolicy } from '../../src/core/project.ts'
import type { AuditLog } from '../../src/ports/audit-log.ts'

/** What holds when the configuration says nothing; the key beside the log. */
export function auditPolicyFor(path: string, change: Partial<AuditPolicy> = {}): AuditPolicy {
  return {
    checkpoint: { lines: 100, minutes: 10 },
    key_file: join(dirname(path), 'audit-key'),
    anchors: { github_deployment: true, git_ref: null, file: null, stderr: false },
    rotate_mb: null,
    streams: [],
    ...change,
  }
}

/** A log of the project `clinic`; `change` is the test's own part of it. */
export function testAuditLog({
  path,
  ...change
}: Partial<AuditLogDeps> & Pick<AuditLogDeps, 'path'>): AuditLog {
  return createAuditLog({
    path,
    runtime: createRuntime(),
    secrets: () => [],
    project: 'clinic',
    policy: auditPolicyFor(path),
    env: {},
    tell: () => undefined,
    ...change,
  })
}
