import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runAudit } from '../../src/cli/commands/audit.ts'
import type { Session } from '../../src/cli/session.ts'
import { makeWorld } from '../support/fake-context.ts'

it('cannot be made to show a line that is not in the log', async () => {
  const { call } = makeWorld()
  await call.audit.append({
    operation: 'rollback_deployment',
    user: 'agent:x\n  98  forged',
    environment: 'y\n  99  2026-11-22  approve  production  human:ada  ok\u001b[2J\u202e',
    success: false,
    phase: 'result',
    details: {},
    request_id: 'req_1',
    correlation_id: null,
    dry_run: false,
    approval: null,
  })
  const lines: string[] = []
  const session = {
    call,
    print: (line: string) => lines.push(line),
    surface: { out: new PassThrough() },
    options: {},
  }
  await runAudit(session as unknown as Session, 20)
  expect(lines).toHaveLength(1)
  for (const forged of ['\n', '\u202e', '\u001b[2J']) expect(lines[0]).not.toContain(forged)
})
