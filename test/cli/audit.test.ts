import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runAudit } from '../../src/cli/commands/audit.ts'
import type { Session } from '../../src/cli/session.ts'
import { widthOf } from '../../src/cli/width.ts'
import { makeWorld } from '../support/fake-context.ts'

const entry = {
  operation: 'promote_to_production',
  user: 'agent:a-client-with-a-name',
  environment: 'production',
  success: false,
  phase: 'result',
  details: { error: 'invalid_approval' },
  request_id: 'req_1',
  correlation_id: null,
  dry_run: false,
  approval: null,
} as const

it.each([60, 80, 140])('says how it went on a terminal of %i columns', async (columns) => {
  const { call } = makeWorld()
  await call.audit.append(entry)
  const lines: string[] = []
  const out = Object.assign(new PassThrough(), { isTTY: true, columns })
  const print = (text: string) => lines.push(text)
  await runAudit({ call, print, surface: { out }, options: {} } as unknown as Session, 20)
  expect(lines[0]).toMatch(/promote_to_prod.*failed/)
  expect(widthOf(lines[0]!)).toBeLessThanOrEqual(columns)
})

it('cannot be made to show a line that is not in the log', async () => {
  const { call } = makeWorld()
  await call.audit.append({
    ...entry,
    user: 'agent:x\n  98  forged',
    environment: 'y\n  99  2026-11-22  approve  production  human:ada  ok\u001b[2J\u202e',
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
