import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runAuditStatus } from '../../src/cli/commands/audit-status.ts'
import { runAudit, runAuditCheckpoint, runAuditVerify } from '../../src/cli/commands/audit.ts'
import type { Session } from '../../src/cli/session.ts'
import { paletteFor } from '../../src/cli/style.ts'
import { widthOf } from '../../src/cli/width.ts'
import type { Call } from '../../src/ports/context.ts'
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

function sessionFor(call: Call) {
  const lines: string[] = []
  const notes: string[] = []
  const session = {
    call,
    print: (line: string) => lines.push(line),
    note: (line: string) => notes.push(line),
    page: () => ({ palette: paletteFor(new PassThrough() as never), width: 80, when: String }),
    surface: { out: new PassThrough() },
    options: {},
  } as unknown as Session
  return { session, lines, notes }
}
const kept = () => join(mkdtempSync(join(tmpdir(), 'gonogo-kept-')), 'kept.txt')

describe('verify', () => {
  const none = { checkpoint: [] }

  it('ends with 6 while nothing outside vouches for the log, and says so', async () => {
    const { call } = makeWorld()
    await call.audit.append(entry)
    const { session, lines } = sessionFor(call)
    expect(await runAuditVerify(session, undefined, none)).toBe(6)
    expect(lines[0]).toBe('1 lines, self-consistent, not anchored')
  })

  it('ends with 0 with a checkpoint that was kept, and names it and the line it reaches', async () => {
    const { call } = makeWorld()
    await call.audit.append(entry)
    const { session, lines } = sessionFor(call)
    expect(await runAuditCheckpoint(session)).toBe(0)
    const file = kept()
    onTestFinished(() => rmSync(dirname(file), { recursive: true }))
    writeFileSync(file, `${lines.splice(0).join('\n')}\n`)
    await call.audit.append(entry)
    expect(await runAuditVerify(session, undefined, { checkpoint: [file] })).toBe(0)
    expect(lines).toEqual([
      '2 lines, self-consistent, anchored up to line 1',
      `  ${file} covers the first 1 line(s)`,
    ])
  })

  it('ends with 1 for a changed log, and names the line', async () => {
    const { call } = makeWorld()
    await call.audit.append(entry)
    await call.audit.append(entry)
    const text = readFileSync(call.audit.path, 'utf8')
    writeFileSync(call.audit.path, text.replace('promote', 'demote'))
    const { session, lines } = sessionFor(call)
    expect(await runAuditVerify(session, undefined, none)).toBe(1)
    expect(lines.join('\n')).toMatch(/was changed: .*\n {2}line 1: /)
  })

  it('is told about by status, before and after the first checkpoint', async () => {
    const { call } = makeWorld()
    const { session, lines } = sessionFor(call)
    await runAuditStatus(session)
    expect(lines.join('\n')).toContain('none yet: gonogo audit checkpoint')
    await call.audit.append(entry)
    await call.audit.checkpoint()
    lines.length = 0
    expect(await runAuditStatus(session)).toBe(0)
    expect(lines.join('\n')).toMatch(/covers 1 of 1 line\(s\)[^]*gonogo\/clinic\+[0-9a-f]{8}\+/)
  })

  it('signs nothing of an empty log', async () => {
    const { session, lines, notes } = sessionFor(makeWorld().call)
    expect(await runAuditCheckpoint(session)).toBe(0)
    expect([lines, notes]).toEqual([[], ['nothing to sign: the log is empty']])
  })
})
