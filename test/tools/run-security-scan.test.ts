import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import type { Call } from '../../src/ports/context.ts'
import { scanSubject } from '../../src/tools/checks/security-scan.ts'
import { keptScan } from '../../src/tools/support/scanned-tree.ts'
import { runSecurityScan } from '../../src/tools/run-security-scan.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { finding } from '../support/findings.ts'

interface Scan {
  passed: boolean | null
  blockers: string[]
  vulnerabilities: Finding[]
  severity_summary: Record<string, number>
  engines: { engine: string; status: string; message: string }[]
  scanned_at: string | null
}

async function scan(call: Call, args: Record<string, unknown> = {}) {
  const { output, summary } = await runSecurityScan.call({ git_ref: 'v1', ...args }, call)
  return { ...(output as unknown as Scan), summary }
}

/** What a gate would find stored for the commit. */
async function evidence({ call }: World) {
  const about = { check_name: 'security_scan', sha: '1'.repeat(40), environment: null, since: 0 }
  const subject = scanSubject(call)
  return await call.store.read((tables) => tables.evidence.latest({ ...about, subject }))
}

it('says of every engine whether it ran, and that code has none yet', async () => {
  const { call } = makeWorld()
  const result = await scan(call)
  expect(result.engines).toEqual([
    { engine: 'npm-audit', status: 'ran', message: 'clean' },
    { engine: 'code', status: 'skipped', message: 'no engine yet' },
    { engine: 'secretlint', status: 'ran', message: 'clean' },
  ])
  expect(result).toMatchObject({ passed: true, blockers: [], vulnerabilities: [] })
  expect(result.summary).toMatch(/^GO: /)
})

it('counts all findings, shows the worst first, and at most 50', async () => {
  const world = makeWorld()
  const low = Array.from({ length: 60 }, (_, index) => finding('low', `low ${index}`))
  world.secrets.report = { ...world.secrets.report, findings: [...low, finding('critical')] }
  const result = await scan(world.call)
  expect(result.severity_summary).toEqual({ critical: 1, high: 0, medium: 0, low: 60, info: 0 })
  expect(result.vulnerabilities).toHaveLength(50)
  expect(result.vulnerabilities[0]?.severity).toBe('critical')
  expect(result.summary).toBe('NO-GO: v1: 1 critical finding(s), more than the 0 allowed')
})

describe('an engine that could not run', () => {
  const broken = { ran: false, applies: true, findings: [], message: 'offline', details: {} }

  it('blocks, even when the others found nothing', async () => {
    const world = makeWorld()
    world.dependencies.report = broken
    const result = await scan(world.call)
    expect(result.passed).toBe(false)
    expect(result.blockers).toEqual(['npm-audit could not run: offline'])
    expect(result.engines[0]).toMatchObject({ status: 'could_not_run' })
  })

  it('leaves nothing behind that a gate, or a later validation, could rest on', async () => {
    const world = makeWorld()
    world.dependencies.report = broken
    await scan(world.call)
    expect(await evidence(world)).toBeNull()
    expect(await keptScan('1'.repeat(40), world.call)).toBeNull()
  })

  it('keeps what was found by the others, when that blocks by itself', async () => {
    const world = makeWorld()
    world.dependencies.report = broken
    world.secrets.report = { ...world.secrets.report, findings: [finding('critical')] }
    await scan(world.call)
    expect(await evidence(world)).toMatchObject({ check: { status: 'failed' } })
  })
})

it('does not count having nothing to scan as clean or as broken', async () => {
  const world = makeWorld()
  world.dependencies.report = {
    ran: false,
    applies: false,
    findings: [],
    message: 'no lock file',
    details: {},
  }
  const result = await scan(world.call)
  expect(result.passed).toBe(true)
  expect(result.engines[0]).toMatchObject({ status: 'nothing_to_scan', message: 'no lock file' })
})

describe('evidence', () => {
  it('is a scan by every engine', async () => {
    const world = makeWorld()
    await scan(world.call)
    expect(await evidence(world)).toMatchObject({
      check: { status: 'passed', details: { severity_summary: { critical: 0 } } },
    })
  })

  it.each(['scan_dependencies', 'scan_code', 'scan_secrets'])(
    'is not a scan without %s',
    async (flag) => {
      const world = makeWorld()
      const result = await scan(world.call, { [flag]: false })
      expect(result.engines).toContainEqual(
        expect.objectContaining({ status: 'skipped', message: 'skipped on request' }),
      )
      expect(await evidence(world)).toBeNull()
    },
  )

  it('depends on the thresholds', async () => {
    const world = makeWorld()
    await scan(world.call)
    const security = { ...world.call.project.security, thresholds: { critical: 0, high: 0 } }
    const stricter = { ...world.call, project: { ...world.call.project, security } }
    expect(await evidence({ ...world, call: stricter })).toBeNull()
  })
})

it('with every engine left out proves nothing and says so', async () => {
  const { call } = makeWorld()
  const result = await scan(call, {
    scan_dependencies: false,
    scan_code: false,
    scan_secrets: false,
  })
  expect(result.passed).toBe(false)
  expect(result.blockers).toEqual(['no engine ran, so nothing is known'])
})

it('does not scan in a dry run', async () => {
  const world = makeWorld()
  const result = await scan(world.call, { dry_run: true, scan_secrets: false })
  expect(result).toMatchObject({ passed: null, scanned_at: null, vulnerabilities: [] })
  expect(result.engines).toEqual([
    { engine: 'npm-audit', status: 'skipped', message: 'look for dependencies with npm-audit' },
  ])
  expect(world.dependencies.scans + world.secrets.scans).toBe(0)
  expect(await evidence(world)).toBeNull()
})
