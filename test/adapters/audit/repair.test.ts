import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuditLog } from '../../../src/ports/audit-log.ts'
import { event, logOf } from './fixtures.ts'

/** What the log says about itself. */
async function repairs(log: AuditLog) {
  const lines = await log.tail(100)
  return lines.filter(({ operation }) => operation === 'audit_repair').map(({ details }) => details)
}

function keepTwoLines(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n')
  truncateSync(path, lines.slice(0, 2).join('\n').length + 1)
}

describe('an unfinished last line', () => {
  it('is set aside, told in the log, and the chain goes on', async () => {
    const log = await logOf(3)
    appendFileSync(log.path, '{"approval":nu')
    const line = await log.append(event({ request_id: 'req_after' }))
    const [torn] = readdirSync(dirname(log.path)).filter((name) => name.includes('.torn-'))
    expect(readFileSync(join(dirname(log.path), torn!), 'utf8')).toBe('{"approval":nu')
    expect(statSync(join(dirname(log.path), torn!)).mode & 0o777).toBe(0o600)
    expect(await repairs(log)).toEqual([{ repair: 'unfinished_line', bytes: 14, kept_in: torn }])
    expect(line.seq).toBe(5)
    expect((await log.tail(2))[0]).toMatchObject({ phase: 'result', request_id: 'req_after' })
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 5 })
  })
})

describe('a writer that died before it could store the head', () => {
  it('leaves a log that goes on without a repair', async () => {
    const log = await logOf(2)
    const lock = `${log.path}.lock.db`
    copyFileSync(lock, `${lock}.before`)
    await log.append(event())
    await log.append(event())
    copyFileSync(`${lock}.before`, lock)
    expect((await log.append(event())).seq).toBe(5)
    expect(await repairs(log)).toEqual([])
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 5 })
  })
})

describe('a lost lock database', () => {
  it('is rebuilt from the log, which says so', async () => {
    const log = await logOf(3)
    rmSync(`${log.path}.lock.db`)
    expect((await log.append(event())).seq).toBe(5)
    expect(await repairs(log)).toEqual([{ repair: 'head_rebuilt', found_lines: 3 }])
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 5 })
  })

  it('that is none keeps everything from being logged', async () => {
    const log = await logOf(1)
    writeFileSync(`${log.path}.lock.db`, 'noise'.repeat(1000))
    await expect(log.append(event())).rejects.toMatchObject({ code: 'audit_unavailable' })
  })
})

describe('a log that was altered behind our back', () => {
  it.each<[string, number, (path: string) => void]>([
    ['cut', 2, keepTwoLines],
    ['emptied', 0, (path) => truncateSync(path, 0)],
    ['deleted', 0, (path) => rmSync(path)],
  ])('by being %s never goes on silently', async (_, left, change) => {
    const log = await logOf(4)
    const { size } = statSync(log.path)
    change(log.path)
    const found = left === 0 ? 0 : statSync(log.path).size
    const line = await log.append(event())
    expect(await repairs(log)).toEqual([
      {
        repair: 'log_altered',
        expected_lines: 4,
        expected_size: size,
        found_lines: left,
        found_size: found,
      },
    ])
    expect(line.seq).toBe(left + 2)
    const verdict = await log.verify()
    expect(verdict.consistent).toBe(false)
    expect(verdict.problems).toEqual([
      { line: left + 1, problem: expect.stringContaining('"expected_lines":4') },
    ])
  })

  it('by an edit that made it longer is told too, and the next lines are sound', async () => {
    const log = await logOf(4)
    const text = readFileSync(log.path, 'utf8')
    writeFileSync(log.path, text.replace('agent:claude', 'agent:claude-the-second'))
    expect((await log.append(event())).seq).toBe(6)
    expect(await repairs(log)).toMatchObject([{ repair: 'log_altered', found_lines: 4 }])
    expect((await log.verify()).problems.map(({ line }) => line)).toEqual([1, 5])
  })

  it('by a whole line from elsewhere is found by verify', async () => {
    const log = await logOf(2)
    appendFileSync(log.path, '{"operation":"deploy","user":"human:mallory"}\n')
    expect((await log.append(event())).seq).toBe(4)
    expect((await log.verify()).problems.map(({ line }) => line)).toEqual([3])
  })
})
