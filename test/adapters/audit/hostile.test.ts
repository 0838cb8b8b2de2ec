import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { splitNotes } from '../../../src/core/signed-note.ts'
import { auditPolicyFor } from '../../support/audit-log.ts'
import { event, logOf, openLog, temporaryDirectory } from './fixtures.ts'

const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')

describe('what somebody else wrote into the log', () => {
  it('keeps no line from standing by itself, however long it is', async () => {
    const log = await logOf(2)
    appendFileSync(log.path, `${'x'.repeat(3 * 1024 * 1024)}\n`)
    const line = await log.append(event({ request_id: 'after' }))
    expect(JSON.parse(linesOf(log.path).at(-1)!)).toEqual(line)
    expect((await log.tail(1)).map(({ request_id }) => request_id)).toEqual(['after'])
    expect((await log.verify()).problems.map((one) => one.line)).toEqual([3])
  })

  it('is left out of what is shown when it has not the fields of a line', async () => {
    const log = await logOf(1)
    appendFileSync(log.path, '{"seq":2}\n{"seq":3,"details":null}\n')
    expect((await log.tail(9)).map(({ seq }) => seq)).toEqual([1])
  })

  it('is told a hundred times at most', async () => {
    const log = await logOf(1)
    appendFileSync(
      log.path,
      Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from([0xff, 0x0a]))),
    )
    expect((await log.verify()).problems.length).toBeLessThan(250)
  })
})

describe('a checkpoint that was written in part', () => {
  it.each([
    'gonogo/clin',
    'gonogo/clinic\n12\nabc',
    'gonogo/clinic\n1\nabc\n\n\u2014 gonogo/clinic x0',
  ])('makes no other one unreadable: %j', async (torn) => {
    const log = await logOf(1)
    const own = `${log.path}.checkpoints`
    await log.checkpoint()
    appendFileSync(own, torn)
    await log.append(event())
    await log.checkpoint()
    expect(await log.verify()).toMatchObject({ consistent: true, sealed_lines: 2 })
    expect(splitNotes(readFileSync(own, 'utf8'))).toHaveLength(2)
  })
})

it('a public key that was written in part makes the next one no other', async () => {
  const log = await logOf(1)
  writeFileSync(`${(await log.status()).key_file}.pub`, 'gonogo/clinic+1234')
  await log.checkpoint()
  expect(await log.verify()).toMatchObject({ consistent: true, sealed_lines: 1 })
})

describe('a lock database from before two rotations', () => {
  it('is followed to the end, and nothing is said to have been altered', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    const log = openLog(path, { policy: auditPolicyFor(path, { rotate_mb: 0.0011 }) })
    await log.append(event())
    copyFileSync(`${path}.lock.db`, `${path}.before`)
    while ((await log.status()).earlier.length < 3) await log.append(event())
    copyFileSync(`${path}.before`, `${path}.lock.db`)
    await log.append(event())
    expect(await log.verify()).toMatchObject({ consistent: true, problems: [] })
  })
})

describe('a rotation that is going on', () => {
  it('is waited for by whoever reads all lines', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    const log = openLog(path)
    for (let line = 0; line < 3; line++) await log.append(event())
    const other = new DatabaseSync(`${path}.lock.db`)
    other.exec('BEGIN EXCLUSIVE')
    renameSync(path, `${path}.moving`)
    const seqs: number[] = []
    const reading = (async () => {
      for await (const { seq } of log.lines()) seqs.push(seq)
    })()
    await new Promise((resolve) => setImmediate(resolve))
    renameSync(`${path}.moving`, `${path}.1-3`)
    other.exec('COMMIT')
    other.close()
    await reading
    expect(seqs).toEqual([1, 2, 3])
  })
})

async function anchored() {
  const path = join(temporaryDirectory(), 'audit.jsonl')
  const kept = join(temporaryDirectory(), 'kept.txt')
  const anchors = { github_deployment: true, git_ref: null, file: kept, stderr: false }
  const log = openLog(path, { policy: auditPolicyFor(path, { anchors }) })
  await log.append(event())
  await log.checkpoint()
  return { log, kept }
}

describe('an anchor file', () => {
  it('that is gone or cannot be read is named, and no reason to fail', async () => {
    const { log, kept } = await anchored()
    rmSync(kept)
    const gone = await log.verify()
    expect(gone).toMatchObject({ consistent: true, anchored: false })
    expect(gone.unread).toEqual([expect.stringContaining(kept)])
    mkdirSync(kept)
    const unreadable = await log.verify()
    expect(unreadable).toMatchObject({ consistent: true, anchored: false })
    expect(unreadable.unread).toEqual([expect.stringContaining(kept)])
  })

  it('that a full disk cut short goes on with whole checkpoints', async () => {
    const { log, kept } = await anchored()
    appendFileSync(kept, 'gonogo/clinic\n2\nabc')
    await log.append(event())
    expect((await log.checkpoint())?.problems).toEqual([])
    expect(await log.verify()).toMatchObject({ consistent: true, anchored: true, sealed_lines: 2 })
  })
})
