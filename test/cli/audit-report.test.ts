import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { runAuditEvidence } from '../../src/cli/commands/audit-evidence.ts'
import { runAuditReport, type AuditReportOptions } from '../../src/cli/commands/audit-report.ts'
import { writeNewFile } from '../../src/cli/commands/output-file.ts'
import { reportCsv } from '../../src/cli/render/audit-report-csv.ts'
import { reportMarkdown } from '../../src/cli/render/audit-report-md.ts'
import type { Session } from '../../src/cli/session.ts'
import { reportTotals, type AuditReport, type ReportChange } from '../../src/core/report/report.ts'
import { bundleText } from '../../src/core/evidence/bundle.ts'
import { readEvidence } from '../../src/desk/read-evidence.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { release } from '../tools/support/journey.ts'

const change: ReportChange = {
  deployment_id: 'dep_1',
  environment: 'production',
  kind: 'promotion',
  version: 'v1',
  commit: 'a'.repeat(40),
  from_version: null,
  started_at: '2030-01-01T00:00:00.000Z',
  ended_at: null,
  outcome: 'success',
  verified: true,
  health: 'healthy',
  cause: null,
  requester: 'agent:claude',
  operator: null,
  reason: null,
  plan_hash: null,
  policy_hash: null,
  skips: [],
  consent: { state: 'none', approval_id: null, method: null, level: null, decisions: [] },
  commits: { problem: null, total: 0, authors: [], reviewers: [], unreviewed: [] },
  gates: [],
  review_owed: null,
  run_id: null,
  links: [],
  log: { intent: null, result: null, lines: [] },
  contradictions: [],
}

function reportWith(changes: Partial<ReportChange>): AuditReport {
  const all = [{ ...change, ...changes }]
  return {
    format: 'gonogo-audit-report-v1',
    project: 'clinic',
    policy_hash: 'f'.repeat(64),
    from: '2030-01-01T00:00:00.000Z',
    to: '2030-02-01T00:00:00.000Z',
    made_at: '2030-02-01T00:00:00.000Z',
    environments: ['production'],
    left_out: {},
    log: {
      path: '/audit.jsonl',
      verified: true,
      lines: 1,
      head: '0'.repeat(64),
      anchored: true,
      sealed_lines: 1,
      unread: [],
      unknown_keys: [],
      problems: [],
    },
    exceptions: [],
    changes: all,
    totals: reportTotals(all, []),
  }
}

/** RFC 4180, read strictly. */
function parseCsv(text: string): string[][] {
  const rows = text.split('\r\n')
  expect(rows.pop()).toBe('')
  return rows.map((row) => {
    expect(row).toMatch(/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*$/)
    const cells = [...row.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)]
    return cells.map(([, cell]) => cell!.replaceAll('""', '"'))
  })
}

describe('as CSV', () => {
  it('has every column in every row, whatever is in it', () => {
    const reason = 'a "quoted", one;\r\nand\tmore'
    const [head, ...rows] = parseCsv([...reportCsv(reportWith({ reason }))].join(''))
    expect(head?.slice(0, 4)).toEqual(['record', 'severity', 'kind', 'deployment_id'])
    for (const row of rows) expect(row).toHaveLength(head!.length)
    expect(rows.map(([record]) => record)).toEqual(['log', 'change', 'totals'])
    expect(rows[1]?.[head!.indexOf('reason')]).toBe('a "quoted", one; and more')
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1', '\u200b=1'])(
    'has no cell that a spreadsheet runs: %j',
    (reason) => {
      const [head, , row] = parseCsv([...reportCsv(reportWith({ reason }))].join(''))
      expect(row?.[head!.indexOf('reason')]).toMatch(/^'/)
    },
  )
})

describe('as Markdown', () => {
  it('has no heading, link or line that anybody but gonogo wrote', () => {
    const reason = 'x\n\n# Totals\n[ok](https://a.test) <img src=x> `y` ![z](q) \u202e*b* \u001b[2J'
    const text = [...reportMarkdown(reportWith({ reason }))].join('')
    const line = text.split('\n').find((one) => one.startsWith('- asked by'))
    expect(line).toBe(
      String.raw`- asked by: agent:claude: x \# Totals \[ok\](https://a.test) \<img src=x\> \`y\` \!\[z\](q) \*b\* `,
    )
    expect(text.match(/^## Totals$/gm)).toHaveLength(1)
  })
})

function* broken(): Generator<string> {
  yield 'half'
  throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
}

let world: World
let printed: string[]
let out: PassThrough

function session(json = false): Session {
  out = new PassThrough()
  printed = []
  const print = (text: string) => printed.push(text)
  const surface = { out }
  const { call } = world
  return { call, surface, options: { json }, print, note: print } as unknown as Session
}

async function run(options: Partial<AuditReportOptions> = {}, json = false) {
  const exit = await runAuditReport(session(json), { from: '2029-12-31', ...options })
  return { exit, text: String(out.read() ?? '') }
}

describe('gonogo audit report', () => {
  beforeEach(async () => {
    world = makeWorld()
    await release(world, 'v1')
  })

  it('prints what was asked for, or writes it to a new file for its owner alone', async () => {
    expect((await run()).text).toMatch(/^# Audit report: clinic\n/)
    expect((await run({ format: 'csv' })).text).toMatch(/^"record",/)
    const { exit, text } = await run({}, true)
    expect(exit).toBe(0)
    expect(JSON.parse(text)).toMatchObject({ schema_version: 1, totals: { changes: 1 } })
    expect(text).toMatch(/^{\n  "schema_version": 1,/)
    await expect(run({ format: 'csv' }, true)).rejects.toMatchObject({ code: 'invalid_input' })

    const output = join(world.directory, 'report.csv')
    expect((await run({ format: 'csv', output })).text).toBe('')
    expect(readFileSync(output, 'utf8')).toMatch(/^"record",/)
    expect(statSync(output).mode & 0o777).toBe(0o600)
    await expect(run({ output })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('is there already'),
    })
    await expect(run({ output: join(world.directory, 'no', 'x') })).rejects.toMatchObject({
      message: expect.stringContaining('cannot be written (ENOENT)'),
    })
  })

  it('fails when the record contradicts itself, and tells all the same', async () => {
    await world.call.store.write(async (tables) => {
      const { rows } = await tables.deployments.list({ environment: 'production', limit: 1 })
      await tables.deployments.insert({ ...rows[0]!, id: 'dep_forged' })
    })
    const { exit, text } = await run()
    expect(exit).toBe(1)
    expect(text).toContain('## Violations (2)')
    expect(text).toContain('**record_contradicted** dep_forged')
    expect(text).toMatch(/### dep_forged[^]*?- approval: unverified/)
  })
})

it('leaves no half of a file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-report-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  await expect(writeNewFile(join(directory, 'x'), broken())).rejects.toThrow(/ENOSPC/)
  expect(readdirSync(directory)).toEqual([])
})

it('gonogo audit evidence writes the exact bytes, and prints them too', async () => {
  world = makeWorld()
  const { id } = await release(world, 'v1')
  const output = join(world.directory, 'evidence.json')
  await runAuditEvidence(session(), id, { output })
  expect(readEvidence(readFileSync(output, 'utf8'), 'it').exact).toBe(true)
  await runAuditEvidence(session(), id, {})
  const { bundle, exact } = readEvidence(`${printed[0]}\n`, 'it')
  expect(exact).toBe(true)
  await runAuditEvidence(session(true), id, {})
  const told = JSON.parse(String(out.read())) as { schema_version: number; bundle: typeof bundle }
  expect(told.schema_version).toBe(1)
  expect(bundleText(told.bundle)).not.toBe('')
  expect(told.bundle.lines).toEqual(bundle.lines)
})
