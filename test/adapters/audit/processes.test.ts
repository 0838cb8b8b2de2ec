import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { event, logOf, openLog, temporaryDirectory } from './fixtures.ts'

const writer = join(import.meta.dirname, 'writer.ts')

function started(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Collects the seqs a writer says it has written. */
function acknowledged(child: ChildProcess): number[] {
  const seqs: number[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => seqs.push(Number(line)))
  return seqs
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited too long')
    await delay(5)
  }
}

describe('several processes', () => {
  it('write one chain, each in its own order', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    const users = ['human:a', 'human:b', 'human:c', 'human:d']
    const children = users.map((user) => started(process.execPath, [writer, path, user, '50']))
    const codes = await Promise.all(children.map((child) => once(child, 'close')))
    expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0, 0])
    const log = openLog(path)
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 200 })
    const lines = await log.tail(200)
    for (const user of users) {
      const numbers = lines
        .filter((line) => line.user === user)
        .map(({ details }) => details.number)
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    }
  })

  it('lose no acknowledged line, no order and no checkpoint when four are killed at any moment', async () => {
    const log = openLog(join(temporaryDirectory(), 'audit.jsonl'))
    const told: number[] = []
    for (let round = 0; round < 2; round++) {
      const children = ['human:a', 'human:b', 'human:c', 'human:d'].map((user) =>
        started(process.execPath, [writer, log.path, user, '100000', 'busy']),
      )
      const seqs = children.map(acknowledged)
      await until(() => seqs.every((own) => own.length >= 3))
      for (const child of children) {
        await delay(Math.random() * 20)
        child.kill('SIGKILL')
        await once(child, 'close')
      }
      told.push(...seqs.flat())
    }
    await log.append(event())
    const verdict = await log.verify()
    expect(verdict.problems).toEqual([])
    expect(verdict.sealed_lines).toBeGreaterThan(7)
    expect((await log.status()).earlier.length).toBeGreaterThan(0)
    const written = new Set((await log.tail(100_000)).map(({ seq }) => seq))
    expect(told.filter((seq) => !written.has(seq))).toEqual([])
  })
})

describe('a full disk', () => {
  it('refuses the line, keeps the log whole, and is over when there is room again', async () => {
    const log = openLog(join(temporaryDirectory(), 'audit.jsonl'))
    // The limit on a file's size is a disk that is full for this process: the write comes back short.
    const limited = 'ulimit -f 40; exec "$0" "$@"'
    const args = ['-c', limited, process.execPath, writer, log.path, 'human:a', '100000']
    const child = started('/bin/sh', args)
    const seqs = acknowledged(child)
    let stderr = ''
    child.stderr!.on('data', (chunk) => (stderr += String(chunk)))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(1)
    expect(stderr).toMatch(/^audit_unavailable: .*disk full/)
    expect(readFileSync(log.path, 'utf8')).toMatch(/\}\n$/)
    expect(await log.verify()).toMatchObject({ consistent: true, lines: seqs.length })
    expect((await log.append(event())).seq).toBe(seqs.length + 1)
    expect(await log.verify()).toMatchObject({ consistent: true })
  })
})

describe('a lock held by another process', () => {
  const holder = `
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(process.argv[1])
    database.exec('BEGIN EXCLUSIVE')
    console.log('held')
    process.stdin.on('data', () => process.exit()).resume()`

  it('lets everything else go on until it is free', async () => {
    const log = await logOf(1)
    const child = started(process.execPath, ['-e', holder, `${log.path}.lock.db`])
    await once(child.stdout!, 'data')
    let settled = false
    const before = performance.eventLoopUtilization()
    const appended = log.append(event()).finally(() => (settled = true))
    const verified = log.verify()
    await delay(500)
    const { utilization } = performance.eventLoopUtilization(before)
    expect(settled).toBe(false)
    expect(utilization).toBeLessThan(0.6)
    child.stdin!.end('release')
    expect((await appended).seq).toBe(2)
    expect(await verified).toMatchObject({ consistent: true })
  })
})
