import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { auditGenesis } from '../../../src/core/audit.ts'
import { event, logOf, openLog, temporaryDirectory } from './fixtures.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')
const mode = (file: string) => (statSync(file).mode & 0o777).toString(8)

const isAboutDep2 = (line: { correlation_id: string | null }) => line.correlation_id === 'dep_2'

describe('append', () => {
  it('writes canonical lines, each chained to the one before', async () => {
    const log = await logOf(3)
    const [first, second, third] = linesOf(log.path)
    expect(JSON.parse(first!)).toMatchObject({ seq: 1, prev: auditGenesis, user: 'agent:claude' })
    expect(JSON.parse(second!)).toMatchObject({ seq: 2, prev: sha256(first!) })
    expect(JSON.parse(third!)).toMatchObject({ seq: 3, prev: sha256(second!) })
    expect(first).toMatch(/^\{"approval":null,"correlation_id":"dep_1",/)
  })

  it('returns the line as it is in the log', async () => {
    const log = openLog(join(temporaryDirectory(), 'audit.jsonl'))
    const line = await log.append(event())
    expect(JSON.parse(linesOf(log.path)[0]!)).toEqual(line)
    expect(Date.parse(line.timestamp)).toBeGreaterThan(Date.now() - 60_000)
  })

  it('keeps the order of calls that do not wait for each other', async () => {
    const log = await logOf(0)
    const requests = Array.from({ length: 20 }, (_, index) => `req_${index}`)
    await Promise.all(requests.map((request_id) => log.append(event({ request_id }))))
    expect((await log.tail(20)).map((line) => line.request_id)).toEqual(requests)
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 20 })
  })

  it('writes what must be there once only once, whoever comes first', async () => {
    const log = await logOf(1)
    const ended = event({ correlation_id: 'dep_2' })
    const several = [log, openLog(log.path), openLog(log.path)]
    const lines = await Promise.all(several.map((each) => each.appendOnce(ended, isAboutDep2)))
    expect(new Set(lines.map(({ seq }) => seq))).toEqual(new Set([2]))
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 2 })
  })

  it('lets nobody else read what it creates', async () => {
    const path = join(temporaryDirectory(), 'state', 'deep', 'audit.jsonl')
    await openLog(path).append(event())
    expect(mode(path)).toBe('600')
    expect(mode(`${path}.lock.db`)).toBe('600')
    expect(mode(join(path, '..'))).toBe('700')
    expect(mode(join(path, '..', '..'))).toBe('700')
  })

  it('refuses a line of more than 64 KiB and stays intact', async () => {
    const log = await logOf(2)
    const refused = log.append(event({ details: { reason: 'x'.repeat(64 * 1024) } }))
    await expect(refused).rejects.toMatchObject({ code: 'audit_unavailable' })
    await log.append(event({ details: { reason: 'x'.repeat(63 * 1024) } }))
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 3 })
  })

  it('refuses what JSON cannot hold and stays intact', async () => {
    const log = await logOf(1)
    const refused = log.append(event({ details: { ratio: Number.NaN } }))
    await expect(refused).rejects.toMatchObject({ code: 'audit_unavailable' })
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 1 })
  })

  it('refuses a path below a regular file, naming it', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'file'), '')
    const path = join(directory, 'file', 'audit.jsonl')
    await expect(openLog(path).append(event())).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining(path),
    })
  })

  it.each([
    ['directory', /EISDIR/, (path: string) => mkdirSync(path)],
    ['device', /not a regular file/, (path: string) => symlinkSync('/dev/null', path)],
  ])('refuses a %s in the place of the log', async (_, reason, put) => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    put(path)
    await expect(openLog(path).append(event())).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringMatching(reason),
    })
  })

  it('takes secrets out before anything is written', async () => {
    const directory = temporaryDirectory()
    const log = openLog(join(directory, 'audit.jsonl'), {
      secrets: () => ['hunter2-and-more'],
    })
    const details = { step: { output: ['password is hunter2-and-more.'] } }
    const line = await log.append(event({ user: 'human:hunter2-and-more', details }))
    expect(line.details).toEqual({ step: { output: ['password is [redacted].'] } })
    for (const name of readdirSync(directory)) {
      expect(readFileSync(join(directory, name), 'latin1')).not.toContain('hunter2')
    }
  })
})

describe('tail', () => {
  it('returns the newest lines, oldest first', async () => {
    const log = await logOf(5)
    expect((await log.tail(2)).map((line) => line.seq)).toEqual([4, 5])
    expect((await log.tail(99)).map((line) => line.seq)).toEqual([1, 2, 3, 4, 5])
    expect(await log.tail(0)).toEqual([])
  })

  it('reads back as far as long lines need', async () => {
    const log = await logOf(1)
    const details = { text: 'é'.repeat(20_000) }
    for (let line = 0; line < 5; line++) await log.append(event({ details }))
    expect((await log.tail(4)).map((line) => line.details)).toEqual([
      details,
      details,
      details,
      details,
    ])
  })

  it('is empty without a log and creates none', async () => {
    const directory = temporaryDirectory()
    expect(await openLog(join(directory, 'audit.jsonl')).tail(5)).toEqual([])
    expect(readdirSync(directory)).toEqual([])
  })

  it('leaves out what is no line of a log', async () => {
    const log = await logOf(2)
    writeFileSync(log.path, 'noise\n{"seq":"one"}\n{"seq":3,"unfin', { flag: 'a' })
    expect((await log.tail(9)).map((line) => line.seq)).toEqual([1, 2])
  })
})
