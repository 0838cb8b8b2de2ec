import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Finding } from '../../src/doctor/finding.ts'
import { run, type Outcome } from '../support/clinic.ts'
import { fileTree } from '../support/file-tree.ts'
import { processesOf } from '../support/processes-of.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { runInTerminal } from '../support/terminal.ts'

let shop: Workshop
let project: SmallProject
let hanging: SmallProject
/** Takes as long as a live system is waited for, so it runs beside the other tests. */
let waiting: Promise<Outcome>
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
  hanging = await shop.project({ environments: ['staging', 'production'] })
  hanging.live['production']!.mood = 'silent'
  waiting = hanging.gonogo(['doctor', '--json'])
})
afterAll(async () => {
  await waiting
  await hanging?.close()
  await project?.close()
  await shop?.close()
})

const findingsOf = (stdout: string) => (JSON.parse(stdout) as { findings: Finding[] }).findings
const idsOf = (findings: readonly Finding[], status: string) =>
  findings.filter((finding) => finding.status === status).map(({ id }) => id)

describe('gonogo doctor', () => {
  it('changes no file and leaves no process, where nothing was ever called', async () => {
    const before = await fileTree(project.root)
    const { stdout, stderr, exitCode } = await project.gonogo(['doctor', '--json'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(await fileTree(project.root)).toEqual(before)
    expect(await processesOf(project.root)).toEqual([])
    const findings = findingsOf(stdout)
    expect(stdout).toMatch(/^\{\n {2}"schema_version": 1,\n {2}"healthy": true/)
    expect(idsOf(findings, 'note')).toContain('store')
    // Of the default branch there is nothing to scan, and nothing was deployed.
    expect(findings.map(({ id }) => id)).not.toContain('not_checked')
  })

  it('goes on with a broken configuration, names each problem and exits with 1', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-doctor-')))
    onTestFinished(() => rm(root, { recursive: true }))
    await writeFile(join(root, 'gonogo.yaml'), 'project: x\nenvironment: {}\napprovals: 5\n')
    const before = await fileTree(root)
    const env = { PATH: process.env['PATH'] ?? '', HOME: root }
    const { stdout, exitCode } = await run(['doctor'], { cwd: root, env })
    expect(exitCode).toBe(1)
    expect(await fileTree(root)).toEqual(before)
    expect(stdout).toMatch(/✗ fail {2}gonogo\.yaml:2: environment is not a known key/)
    expect(stdout).toMatch(/✗ fail {2}gonogo\.yaml:3: approvals /)
    expect(stdout).toMatch(/✓ ok {4}git \d/)
    expect(stdout).toMatch(/! warn {2}not looked at without a configuration: store, audit log/)
  })

  it('says how bad each finding is in words, within a hundred columns', async () => {
    const env = { ...project.env, NO_COLOR: '1' }
    const args = ['doctor', '--offline']
    const { stdout } = await runInTerminal(args, { cwd: project.root, env })
    const lines = stdout.split('\n')
    expect(
      lines
        .filter((line) => /^ {2}\S/.test(line))
        .every((line) => /^ {2}(?:✓ ok {2}|· note|! warn|✗ fail) {2}/.test(line)),
    ).toBe(true)
    // A fix is a command to be copied, and never broken.
    const prose = lines.filter((line) => !line.includes('fix: ') && !line.includes('/'))
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(stdout).toContain('live systems were not asked (--offline)')
  })
})

describe('gonogo doctor --drill', () => {
  it('starts the real server, and writes nothing but the audit lines of its attempts', async () => {
    const { stdout, exitCode } = await project.gonogo(['doctor', '--drill', '--json'])
    const report = JSON.parse(stdout)
    expect(report.steps.filter((step: { done: boolean }) => !step.done)).toEqual([])
    expect({ exitCode, passed: report.passed }).toEqual({ exitCode: 0, passed: true })
    expect(report.steps[0].message).toMatch(/offers 8 tools/)
    expect(report.not_exercised.join()).toMatch(/a real deployment.*a real signature/)
    const lines = await project.within((call) => call.audit.tail(100))
    const own = lines.filter(({ user }) => user === 'automation:drill')
    expect(own).toHaveLength(7)
    const others = own.filter(({ dry_run }) => !dry_run)
    expect(others.map(({ operation }) => operation)).toEqual(['list_deployments'])
    expect(await processesOf(project.root)).toEqual([])
    // With a store and a log there is more to look at, and still nothing to change.
    const before = await fileTree(project.root)
    const { stdout: after } = await project.gonogo(['doctor', '--offline', '--json'])
    expect(await fileTree(project.root)).toEqual(before)
    expect(idsOf(findingsOf(after), 'ok')).toEqual(expect.arrayContaining(['store', 'audit_chain']))
  })
})

it('a live system that never answers is told, and does not keep the doctor', async () => {
  const { stdout } = await waiting
  const findings = findingsOf(stdout)
  expect(findings.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^production: api cannot be reached \(no answer within 5000 ms\)/),
  )
  expect(findings.map(({ id }) => id)).not.toContain('not_checked')
})
