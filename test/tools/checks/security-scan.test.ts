import { describe, expect, it } from 'vitest'
import { createSecretScanner } from '../../../src/adapters/scanners/secretlint.ts'
import type { Finding } from '../../../src/core/finding.ts'
import type { Release } from '../../../src/core/release.ts'
import type { Call } from '../../../src/ports/context.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { securityScan } from '../../../src/tools/checks/security-scan.ts'
import { runSecurityScan } from '../../../src/tools/run-security-scan.ts'
import { record, freshEvidence } from '../../../src/tools/support/evidence.ts'
import { repositories, sourceOf } from '../../adapters/git/fixture.ts'
import { awsLine, secrets } from '../../adapters/scanners/fixture.ts'
import { hour, makeWorld, type World } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { release } from '../../support/fake-ports.ts'
import { finding } from '../../support/findings.ts'

const repository = repositories()

const never = new AbortController().signal

async function subject(call: Call, ref: string, now: Release | null): Promise<CheckSubject> {
  const environment = call.project.environments[0]!
  const seen = { release: now, source: null, live: { asked: false }, drift: null } as const
  return { environment, release: await call.source.resolve(ref), now: seen, allowOlder: false }
}

async function check(world: World, ref = 'v2', now: Release | null = null, call = world.call) {
  return await securityScan.run(await subject(call, ref, now), call, never)
}

function find(world: World, ...findings: Finding[]): void {
  world.secrets.report = { ...world.secrets.report, findings }
}

/** A world in which only new findings count, with thresholds of nothing. */
function strictWorld(): World {
  const security = {
    thresholds: { critical: 0, high: 0 },
    count: 'new',
    npm_registry: null,
  } as const
  return makeWorld({ project: fakeProject({ security }) })
}

const key = (letter: string) => awsLine(secrets.awsKey.replaceAll('k', letter))

it('finds in a real repository what a release adds and removes, and scans a tree once', async () => {
  const repo = await repository()
  const runs = await repo.commit({ 'old.env': key('a'), 'gone.env': key('b'), 'a.js': 'x' })
  const comes = await repo.commit({ 'gone.env': null, 'new.env': key('c') })
  const same = await repo.commit({})
  const source = sourceOf(repo.directory)
  const reads: string[] = []
  const files = (sha: string) => (reads.push(sha), source.files(sha))
  const { call } = makeWorld({ source })
  const scanner = createSecretScanner({ source: { files }, runtime: call.runtime })
  const own: Call = { ...call, scanners: [scanner] }
  await runSecurityScan.call({ git_ref: runs }, own)
  const now = { sha: runs, version: 'v1' }
  const { status, message, details } = await securityScan.run(
    await subject(own, same, now),
    own,
    never,
  )
  expect(status).toBe('failed')
  expect(message).toMatch(/^2 critical finding\(s\), .*AWSSecretAccessKey \(new\.env:1\)/)
  expect(details).toMatchObject({
    delta: { new: 1, fixed: 1, unchanged: 1, new_findings: [{ path: 'new.env', line: 1 }] },
    compared_with: now,
  })
  expect(JSON.stringify(details)).not.toContain(secrets.awsKey.replaceAll('k', 'c'))
  await securityScan.run(await subject(own, comes, now), own, never)
  expect(reads).toEqual([runs, same])
})

describe('a scan of the same files', () => {
  it('is not made again while it is fresh, and is as old as it was', async () => {
    const world = makeWorld()
    const first = await check(world)
    world.pass(5 * hour)
    const again = await check(world)
    expect(world.secrets.scans).toBe(1)
    // What is signed with the plan holds still.
    expect(again.message).toBe(first.message)
    expect(again).toMatchObject({
      status: 'passed',
      details: { scanned_at: '2030-01-01T00:00:00.000Z' },
    })

    const about = { sha: '2'.repeat(40), environment: null, subject: 's', deployment_id: null }
    await record(world.call, again, about)
    world.pass(20 * hour)
    const found = await freshEvidence(world.call, { check_name: 'security_scan', ...about })
    expect(found).toBeNull()
    await check(world)
    expect(world.secrets.scans).toBe(2)
  })

  it('is that of another commit with the same tree', async () => {
    const world = makeWorld()
    world.call.source.tree = async () => 'f'.repeat(40)
    await check(world, 'v2')
    expect(await check(world, 'v3')).toMatchObject({
      status: 'passed',
      details: { sha: '3'.repeat(40), scanned_sha: '2'.repeat(40) },
    })
    expect(world.secrets.scans).toBe(1)
  })

  it('by fewer engines, or that could not be finished, is made again', async () => {
    const world = makeWorld()
    const clean = world.dependencies.report
    world.dependencies.report = { ...clean, ran: false, message: 'offline' }
    expect(await check(world)).toMatchObject({ status: 'failed', ran: false })
    world.dependencies.report = clean
    expect(await check(world)).toMatchObject({ status: 'passed' })
    await check(world, 'v2', null, { ...world.call, scanners: [world.secrets] })
    expect(world.secrets.scans).toBe(3)
  })

  it('made by the tool is used, and the tool always makes its own', async () => {
    const world = makeWorld()
    await runSecurityScan.call({ git_ref: 'v2' }, world.call)
    await check(world)
    expect(world.secrets.scans).toBe(1)
    find(world, finding('critical'))
    await runSecurityScan.call({ git_ref: 'v2' }, world.call)
    expect(await check(world)).toMatchObject({ status: 'failed' })
    expect(world.secrets.scans).toBe(2)
  })
})

describe('compared with what the environment runs', () => {
  it('says what is new, fixed and unchanged', async () => {
    const world = makeWorld()
    find(world, finding('high', 'old'), finding('low', 'gone'))
    await runSecurityScan.call({ git_ref: 'v1' }, world.call)
    find(world, finding('high', 'old'), finding('medium', 'mild'), finding('high', 'new'))
    const { details, status } = await check(world, 'v2', release('1'))
    expect(status).toBe('passed')
    expect(details).toMatchObject({
      compared_with: release('1'),
      delta: {
        new: 2,
        fixed: 1,
        unchanged: 1,
        new_findings: [{ title: 'new' }, { title: 'mild' }],
      },
      not_compared: null,
    })
  })

  it.each<[string, Release | null, string]>([
    ['nothing is known to run', null, 'what staging runs is not known'],
    [
      'what runs was not scanned',
      release('1'),
      `there is no fresh scan of what staging runs: gonogo scan ${'1'.repeat(40)} makes one`,
    ],
  ])('says so when %s, and counts all', async (_, now, reason) => {
    const world = makeWorld()
    const { details } = await check(world, 'v2', now)
    expect(details).toMatchObject({ delta: null, not_compared: reason })
    expect(world.secrets.scans).toBe(1)
  })
})

describe('where only new findings count', () => {
  it('what runs there already does not block, and what comes does', async () => {
    const world = strictWorld()
    find(world, finding('critical', 'old'))
    const same = await check(world, 'v2', release('1'))
    expect(world.secrets.scans).toBe(2)
    expect(same).toMatchObject({
      status: 'passed',
      message: 'no findings above the thresholds that v1 does not have',
      details: { severity_summary: { critical: 1 }, counted_summary: { critical: 0 } },
    })
    find(world, finding('critical', 'old'), finding('high', 'new'))
    expect(await check(world, 'v3', release('1'))).toMatchObject({
      status: 'failed',
      message:
        '1 high finding(s), more than the 0 allowed that v1 does not have: RULE-1 (src/a.js:3); update or remove them; gonogo scan v3 shows all',
    })
  })

  it('all count when nothing is known to run, or it cannot be scanned', async () => {
    const world = strictWorld()
    find(world, finding('critical', 'old'))
    expect((await check(world, 'v2', null)).status).toBe('failed')
    // v2 is known by now; what runs is scanned now, and cannot be.
    world.dependencies.report = { ...world.dependencies.report, ran: false, message: 'offline' }
    expect(await check(world, 'v2', release('1'))).toMatchObject({
      status: 'failed',
      details: { not_compared: 'what staging runs could not be scanned by every engine' },
    })
  })

  it('a result holds for what ran then, and not for what runs later', async () => {
    const { call } = strictWorld()
    const keys = [release('1'), release('3'), null].map(async (now) =>
      securityScan.evidenceKey!(call, await subject(call, 'v2', now)),
    )
    expect(new Set(await Promise.all(keys)).size).toBe(3)
  })
})

describe('every other answer', () => {
  it('fails above the thresholds, and names the worst and what shows the rest', async () => {
    const world = makeWorld()
    const lodash = { id: 'GHSA-1', package: 'lodash', path: 'package-lock.json', line: null }
    find(world, finding('low'), { ...finding('critical'), ...lodash, fixed_version: '4.17.21' })
    expect(await check(world)).toMatchObject({
      status: 'failed',
      ran: true,
      message:
        '1 critical finding(s), more than the 0 allowed: GHSA-1 in lodash (package-lock.json), fixed in 4.17.21, RULE-1 (src/a.js:3); update or remove them; gonogo scan v2 shows all',
    })
  })

  it('could not run when an engine could not, with what to do', async () => {
    const world = makeWorld()
    world.dependencies.report = { ...world.dependencies.report, ran: false, message: 'offline' }
    expect(await check(world)).toMatchObject({
      status: 'failed',
      ran: false,
      message: 'npm-audit could not run: offline; see to it and validate again',
    })
  })

  it('could not run when nothing was there to scan', async () => {
    const world = makeWorld()
    const nothing = { ran: false, applies: false, findings: [], message: 'no files', details: {} }
    world.dependencies.report = nothing
    world.secrets.report = nothing
    const found = await check(world)
    expect(found).toMatchObject({ status: 'failed', ran: false })
    expect(found.message).toMatch(/^no engine ran, so nothing is known/)
  })

  it('is skipped without any engine', async () => {
    const world = makeWorld({ scanners: [] })
    expect(await check(world)).toMatchObject({ status: 'skipped', ran: false })
  })
})
