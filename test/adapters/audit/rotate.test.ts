import {
  copyFileSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rotationOperation } from '../../../src/core/audit.ts'
import type { AuditLog } from '../../../src/ports/audit-log.ts'
import { auditPolicyFor } from '../../support/audit-log.ts'
import { event, openLog, temporaryDirectory } from './fixtures.ts'

const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')

/** A log that goes on in a new file with every fourth line or so. */
async function rotated(count = 12) {
  const path = join(temporaryDirectory(), 'audit.jsonl')
  const policy = auditPolicyFor(path, { rotate_mb: 0.0011 })
  const log = openLog(path, { policy })
  for (let number = 1; number <= count; number++) await log.append(event({ details: { number } }))
  return { path, log, policy }
}

const earlierOf = (path: string) =>
  readdirSync(dirname(path))
    .filter((name) => /^audit\.jsonl\.\d+-\d+$/.test(name))
    .toSorted((left, right) => Number.parseInt(left.slice(12)) - Number.parseInt(right.slice(12)))
    .map((name) => join(dirname(path), name))

async function seqs(log: AuditLog): Promise<number[]> {
  const found: number[] = []
  for await (const line of log.lines()) found.push(line.seq)
  return found
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a log that has grown to its limit', () => {
  it('goes on in a new file, in one chain and one tree', async () => {
    const { path, log } = await rotated()
    const files = earlierOf(path)
    expect(files.length).toBeGreaterThan(1)
    const verdict = await log.verify()
    expect(verdict).toMatchObject({ consistent: true, problems: [] })
    expect(await seqs(log)).toEqual(upTo(verdict.lines))
    expect((await log.status()).earlier).toEqual(files)
    await log.checkpoint()
    expect(await log.verify()).toMatchObject({ consistent: true, sealed_lines: verdict.lines })
  })

  it('says in its first line what the file before was', async () => {
    const { path } = await rotated()
    const file = earlierOf(path).at(-1)!
    const last = JSON.parse(linesOf(file).at(-1)!) as { seq: number }
    const [first] = linesOf(path).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(basename(file)).toMatch(new RegExp(`-${last.seq}$`))
    expect(first).toMatchObject({
      operation: rotationOperation,
      seq: last.seq + 1,
      details: { file: basename(file), lines: last.seq, hash: first!['prev'] },
    })
  })

  it('is shown and proven across its files', async () => {
    const { log } = await rotated()
    const { lines } = await log.verify()
    expect((await log.tail(9)).map(({ seq }) => seq)).toEqual(upTo(lines).slice(-9))
    expect((await log.prove([2, lines])).lines.map(({ seq }) => seq)).toEqual([2, lines])
  })

  it('shows a change in any of its files, and a missing one', async () => {
    const { path, log } = await rotated()
    const [first, second] = earlierOf(path)
    const text = readFileSync(second!, 'utf8')
    writeFileSync(second!, text.replace('agent:claude', 'agent:nobody'))
    const { seq } = JSON.parse(linesOf(second!)[1]!) as { seq: number }
    expect((await log.verify()).problems[0]).toMatchObject({ line: seq })
    writeFileSync(second!, text)
    expect((await log.verify()).consistent).toBe(true)
    rmSync(first!)
    expect((await log.verify()).consistent).toBe(false)
  })

  it('goes on after its lock database was lost', async () => {
    const { path, log } = await rotated()
    rmSync(`${path}.lock.db`)
    await log.append(event())
    expect(await log.verify()).toMatchObject({ consistent: true })
    expect((await log.tail(3)).map(({ operation }) => operation)).toContain('audit_repair')
  })
})

describe('a writer that died while it rotated', () => {
  it.each([
    ['after the file was put aside', () => undefined],
    ['after the new file was begun', (path: string) => writeFileSync(path, '')],
  ])('%s leaves a log that goes on', async (_, also) => {
    const { path, log } = await rotated(3)
    const before = await log.verify()
    renameSync(path, `${path}.1-${before.lines}`)
    also(path)
    await log.append(event())
    const lines = await log.tail(2)
    expect(lines.map(({ operation }) => operation)).toEqual([
      rotationOperation,
      'promote_to_production',
    ])
    expect(await log.verify()).toMatchObject({ consistent: true, lines: before.lines + 2 })
  })
})

describe('another program that rotates', () => {
  it('by copying and truncating is told, for ever', async () => {
    const { path, log } = await rotated()
    copyFileSync(path, `${path}.copy`)
    truncateSync(path, 0)
    expect((await log.verify()).consistent).toBe(false)
    await log.append(event())
    const { problems } = await log.verify()
    expect(problems.map(({ problem }) => problem).join()).toContain('log was altered before it')
  })
})
