import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuditLog } from '../../../src/ports/audit-log.ts'
import { event, logOf, openLog, temporaryDirectory } from './fixtures.ts'

function rewrite(path: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

async function problems(log: AuditLog, file?: string) {
  const verdict = await log.verify(file === undefined ? {} : { file })
  expect(verdict.consistent).toBe(verdict.problems.length === 0)
  expect(verdict.anchored).toBe(false)
  return verdict.problems
}

describe('verify finds', () => {
  it('nothing wrong with a log as written, and claims no anchor', async () => {
    const log = await logOf(6)
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 6, anchored: false })
  })

  it.each<[string, number[], (lines: string[]) => string[]]>([
    ['an edited line', [3], (lines) => lines.with(2, lines[2]!.replace('claude', 'nobody'))],
    ['a line edited in spelling only', [3], (lines) => lines.with(2, lines[2]!.replace(':', ': '))],
    ['a removed line', [4], (lines) => lines.toSpliced(3, 1)],
    ['removed first lines', [1], (lines) => lines.slice(2)],
    ['an inserted line', [3], (lines) => lines.toSpliced(2, 0, lines[1]!)],
    ['exchanged lines', [2, 3, 4], (lines) => [0, 2, 1, 3, 4, 5].map((index) => lines[index]!)],
    ['missing newest lines', [5], (lines) => lines.slice(0, 4)],
    ['an edited last line', [6], (lines) => lines.with(5, lines[5]!.replace('claude', 'nobody'))],
    ['a last line that is no JSON', [6], (lines) => lines.with(5, 'noise')],
    ['a carriage return', [2], (lines) => lines.with(1, `${lines[1]!}\r`)],
    ['an emptied log', [1], () => []],
  ])('%s', async (_, where, change) => {
    const log = await logOf(6)
    rewrite(log.path, change)
    expect((await problems(log)).map(({ line }) => line)).toEqual(where)
  })

  it('a deleted log', async () => {
    const log = await logOf(3)
    rmSync(log.path)
    expect(await problems(log)).toEqual([
      { line: 1, problem: 'the newest lines are missing: there were 3, 0 are left' },
    ])
  })

  it('bytes that decode to the text that was written but are others', async () => {
    const log = await logOf(0)
    await log.append(event({ user: 'human:\ufffd' }))
    const bytes = readFileSync(log.path)
    const at = bytes.indexOf(Buffer.from('\ufffd'))
    writeFileSync(
      log.path,
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]),
    )
    expect(await problems(log)).toEqual([{ line: 1, problem: expect.stringContaining('UTF-8') }])
  })

  it('an unfinished last line', async () => {
    const log = await logOf(2)
    appendFileSync(log.path, '{"seq":3')
    expect(await problems(log)).toEqual([{ line: 3, problem: 'unfinished: 8 bytes, no newline' }])
  })

  it('a line longer than memory should hold', async () => {
    const log = await logOf(2)
    appendFileSync(log.path, `${'x'.repeat(5 * 1024 * 1024)}\n`)
    expect((await problems(log)).map(({ line }) => line)).toEqual([3])
  })

  it('nothing in a log that was never written to, and creates nothing', async () => {
    const directory = temporaryDirectory()
    const log = openLog(join(directory, 'audit.jsonl'))
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 0 })
    expect(readdirSync(directory)).toEqual([])
  })
})

async function copied() {
  const log = await logOf(6)
  const copy = join(dirname(log.path), 'copy.jsonl')
  copyFileSync(log.path, copy)
  return { log, copy }
}

describe('verify of a copy finds', () => {
  it('nothing wrong with a whole one', async () => {
    const { log, copy } = await copied()
    expect(await log.verify({ file: copy })).toMatchObject({ consistent: true, lines: 6 })
  })

  it.each<[string, number[], (lines: string[]) => string[]]>([
    ['an edited line', [3, 7], (lines) => [...lines.with(2, '{}').slice(0, 5), '{}']],
    ['missing newest lines', [5], (lines) => lines.slice(0, 4)],
    ['an edited last line', [7], (lines) => lines.with(5, lines[5]!.replace('claude', 'nobody'))],
    ['no lines at all', [1], () => []],
  ])('%s', async (_, where, change) => {
    const { log, copy } = await copied()
    rewrite(copy, change)
    const found = (await problems(log, copy)).map(({ line }) => line)
    expect(found).toEqual(expect.arrayContaining(where))
  })

  it('that an older one ends before the log does, and says it may just be old', async () => {
    const { log, copy } = await copied()
    await log.append(event())
    expect(await problems(log, copy)).toEqual([
      { line: 7, problem: expect.stringMatching(/line 7.*older copy, or one that was cut/) },
    ])
  })

  it('nothing missing in a whole log of somewhere else', async () => {
    const { log } = await copied()
    const other = await logOf(2)
    expect(await log.verify({ file: other.path })).toMatchObject({ consistent: true, lines: 2 })
  })

  it('what the live log has lost', async () => {
    const { log, copy } = await copied()
    truncateSync(log.path, 0)
    expect((await problems(log)).length).toBe(1)
    expect(await problems(log, copy)).toEqual([])
  })

  it('that there is none', async () => {
    const { log } = await copied()
    await expect(log.verify({ file: join(dirname(log.path), 'none') })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })
})
