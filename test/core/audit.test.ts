import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  auditGenesis,
  auditText,
  chainVerifier,
  parseAuditLine,
  type AuditLine,
} from '../../src/core/audit.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function chain(count: number, change: (line: AuditLine) => AuditLine = (line) => line): string[] {
  let prev = auditGenesis
  return Array.from({ length: count }, (_, index) => {
    const line = change({
      operation: 'deploy',
      user: 'human:alice',
      environment: 'staging',
      success: true,
      phase: 'result',
      details: { number: index + 1 },
      request_id: 'req_1',
      correlation_id: null,
      dry_run: false,
      approval: null,
      seq: index + 1,
      prev,
      timestamp: '2030-01-01T00:00:00.000Z',
    })
    const text = auditText(line)
    prev = sha256(text)
    return text
  })
}

function verify(lines: readonly string[]) {
  const verifier = chainVerifier(sha256)
  for (const line of lines) verifier.push(line)
  return verifier.end()
}

function problemLines(lines: readonly string[]): number[] {
  return verify(lines).problems.map(({ line }) => line)
}

/** Problems of a log whose second line tells of a repair. */
function repaired(repair: string): number[] {
  const operation = 'audit_repair'
  return problemLines(
    chain(3, (line) => (line.seq === 2 ? { ...line, operation, details: { repair } } : line)),
  )
}

describe('a chain', () => {
  it('is consistent as written, and its head is the last line', () => {
    const lines = chain(5)
    expect(verify(lines)).toEqual({
      consistent: true,
      lines: 5,
      head: sha256(lines[4]!),
      problems: [],
    })
  })

  it('is consistent when empty', () => {
    expect(verify([])).toEqual({ consistent: true, lines: 0, head: auditGenesis, problems: [] })
  })

  it('tells the hash of each line as it takes it', () => {
    const [line] = chain(1)
    expect(chainVerifier(sha256).push(line!)).toBe(sha256(line!))
  })

  it('names the line that was edited, not the one after it', () => {
    const lines = chain(5)
    lines[2] = lines[2]!.replace('human:alice', 'human:mallo')
    expect(verify(lines).problems).toEqual([
      { line: 3, problem: expect.stringContaining('changed') },
    ])
  })

  it('names a line that is not canonical, though it means the same', () => {
    const lines = chain(2)
    lines[1] = JSON.stringify(JSON.parse(lines[1]!), null, 1).replaceAll('\n', '')
    expect(problemLines(lines)).toEqual([2])
  })

  it('tells one removed line once', () => {
    expect(problemLines(chain(9).toSpliced(3, 1))).toEqual([4])
  })

  it('tells missing first lines', () => {
    expect(problemLines(chain(5).slice(2))).toEqual([1])
  })

  it('tells an inserted copy of a line', () => {
    const lines = chain(5)
    expect(problemLines(lines.toSpliced(2, 0, lines[1]!))).toEqual([3])
  })

  it('tells exchanged lines', () => {
    const [first, second, third, fourth] = chain(4)
    expect(problemLines([first!, third!, second!, fourth!])).toEqual([2, 3, 4])
  })

  it('tells a first line that continues another log', () => {
    const [line] = chain(1, (own) => ({ ...own, prev: sha256('another') }))
    expect(verify([line!]).problems).toEqual([
      { line: 1, problem: expect.stringContaining('lines before it are missing') },
    ])
  })

  it.each([
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"seq":"1"}',
    '{"seq":1',
    '\u0000',
    '{"seq":1,"x":1e999}',
  ])('tells %j, which no log of ours holds', (text) => {
    const lines = chain(3)
    lines[1] = text
    expect(problemLines(lines)).toContain(2)
  })

  it('counts the problems of a file that is no log without keeping them all', () => {
    const { consistent, problems } = verify(Array.from({ length: 1000 }, () => 'noise'))
    expect(consistent).toBe(false)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)?.problem).toBe('and 900 more problems')
  })

  it('counts a recorded alteration as a problem, and other repairs not', () => {
    expect(repaired('log_altered')).toEqual([2])
    expect(repaired('unfinished_line')).toEqual([])
    expect(repaired('head_rebuilt')).toEqual([])
  })
})

describe('parseAuditLine', () => {
  it('reads a line and refuses what is none', () => {
    expect(parseAuditLine(chain(1)[0]!)).toMatchObject({ seq: 1, user: 'human:alice' })
    expect(parseAuditLine('"text"')).toBeNull()
  })
})
