import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AuditLogDeps } from '../../../src/adapters/audit/log.ts'
import type { AuditEvent } from '../../../src/core/audit.ts'
import type { AuditLog } from '../../../src/ports/audit-log.ts'
import { testAuditLog } from '../../support/audit-log.ts'

export function event(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    operation: 'promote_to_production',
    user: 'agent:claude',
    environment: 'production',
    success: true,
    phase: 'result',
    details: { version: '1.2.3' },
    request_id: 'req_1',
    correlation_id: 'dep_1',
    dry_run: false,
    approval: null,
    ...changes,
  }
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-audit-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export function openLog(path: string, change: Partial<AuditLogDeps> = {}): AuditLog {
  return testAuditLog({ path, ...change })
}

/** A log of `count` lines in a directory of its own. */
export async function logOf(count: number, change: Partial<AuditLogDeps> = {}): Promise<AuditLog> {
  const log = openLog(join(temporaryDirectory(), 'audit.jsonl'), change)
  for (let number = 1; number <= count; number++) await log.append(event({ details: { number } }))
  return log
}
