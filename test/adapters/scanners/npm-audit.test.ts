import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  lodashPrototypePollution,
  startAdvisoryRegistry,
  type AdvisoryRegistry,
} from '../../../examples/advisory-registry.ts'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import {
  createDependencyScanner,
  type DependencyScannerDeps,
} from '../../../src/adapters/scanners/npm-audit.ts'
import { directories, repositories, sourceOf } from '../git/fixture.ts'
import { runtime, sourceWith } from './fixture.ts'

const repository = repositories()
const directory = directories()
const sha = 'a'.repeat(40)
const started: AdvisoryRegistry[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((registry) => registry.close()))
})

async function registryOf(...args: Parameters<typeof startAdvisoryRegistry>) {
  const registry = await startAdvisoryRegistry(...args)
  started.push(registry)
  return registry
}

function scannerOf(changes: Partial<DependencyScannerDeps>) {
  return createDependencyScanner({
    source: sourceWith({}),
    processes: createProcesses(),
    runtime,
    registry: null,
    env: allowedEnvironment(process.env),
    ...changes,
  })
}

/** An npm project as its two files; the packages are what a lock file says of them. */
function project(packages: Record<string, object>, root: object = {}) {
  const manifest = { name: 'sample', version: '1.0.0', ...root }
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, ...packages },
  }
  return { 'package.json': JSON.stringify(manifest), 'package-lock.json': JSON.stringify(lock) }
}

const below = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))

const lodash = project(
  { 'node_modules/lodash': { version: '4.17.15' } },
  { dependencies: { lodash: '4.17.15' } },
)
const lodashDev = project(
  { 'node_modules/lodash': { version: '4.17.15', dev: true } },
  { devDependencies: { lodash: '4.17.15' } },
)
const updated = project(
  { 'node_modules/lodash': { version: '4.17.21' } },
  { dependencies: { lodash: '4.17.21' } },
)

describe('npm audit of a real repository', () => {
  test('reports the advisory of the commit that has it and none of the one that does not', async () => {
    const repo = await repository()
    const vulnerable = await repo.commit({ ...lodash, '.npmrc': 'registry=http://127.0.0.1:1/\n' })
    const clean = await repo.commit(updated)
    const registry = await registryOf()
    const scanner = scannerOf({ source: sourceOf(repo.directory), registry: registry.url })

    const report = await scanner.scan(vulnerable, {})
    expect(report).toMatchObject({
      ran: true,
      applies: true,
      message: '1 advisory for 1 package(s) of 1 lock file(s)',
      details: { lock_files: ['package-lock.json'], problems: [] },
    })
    expect(report.findings).toEqual([
      {
        id: 'GHSA-p6mc-m468-83gw',
        title: 'Prototype Pollution in lodash',
        severity: 'high',
        package: 'lodash',
        affected_versions: '>=3.7.0 <4.17.19',
        fixed_version: null,
        description: expect.stringContaining('lodash >=3.7.0 <4.17.19'),
        cvss_score: 7.4,
        references: ['https://github.com/advisories/GHSA-p6mc-m468-83gw'],
        source: 'npm-audit',
        scope: 'runtime',
        path: 'package-lock.json',
        line: null,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
    expect(await scanner.scan(clean, {})).toMatchObject({ ran: true, findings: [] })
    const asked = registry.requests.flatMap(({ packages }) => (packages ? [packages] : []))
    expect(asked).toEqual([{ lodash: ['4.17.15'] }, { lodash: ['4.17.21'] }])
  })

  test('counts an advisory once over dependents and lock files; shipped beats built with', async () => {
    const wrapped = project(
      {
        'node_modules/wrapper': { version: '1.0.0', dependencies: { lodash: '4.17.15' } },
        'node_modules/lodash': { version: '4.17.15' },
      },
      { dependencies: { wrapper: '1.0.0' } },
    )
    const registry = await registryOf()
    const source = sourceWith({
      ...lodashDev,
      ...below('web/app', wrapped),
      ...below('node_modules/x', lodash),
    })
    const scanner = scannerOf({ source, registry: registry.url })
    const { findings, details } = await scanner.scan(sha, {})
    expect(findings).toMatchObject([{ scope: 'runtime', path: 'web/app/package-lock.json' }])
    expect(details['lock_files']).toEqual(['package-lock.json', 'web/app/package-lock.json'])
  })

  test('maps severity and scope', async () => {
    const moderate = {
      ...lodashPrototypePollution,
      severity: 'moderate' as const,
      cvss: { score: 0, vectorString: null },
    }
    const registry = await registryOf([moderate])
    const scanner = scannerOf({ source: sourceWith(lodashDev), registry: registry.url })
    expect((await scanner.scan(sha, {})).findings).toMatchObject([
      { severity: 'medium', scope: 'development', cvss_score: null },
    ])
  })

  test('without a configured registry npm asks the one of the user', async () => {
    const home = await directory()
    const registry = await registryOf()
    await writeFile(join(home, '.npmrc'), `registry=${registry.url}\nomit=dev\n`)
    const env = { ...allowedEnvironment(process.env), HOME: home }
    const { findings } = await scannerOf({ source: sourceWith(lodashDev), env }).scan(sha, {})
    expect(findings).toHaveLength(1)
    expect((await readdir(home)).toSorted()).toEqual(['.npmrc'])
  })
})

describe('could not run', () => {
  const cases = async (changes: Partial<DependencyScannerDeps>) => {
    const report = await scannerOf({ source: sourceWith(lodash), ...changes }).scan(sha, {})
    expect(report).toMatchObject({ ran: false, applies: true, findings: [] })
    return report.message
  }

  test('a registry that refuses, in npm’s own words', async () => {
    const { url } = await registryOf(undefined, { refuse: true })
    expect(await cases({ registry: url })).toContain('405 Method Not Allowed')
  })

  test('a registry that is not there; its password stays out of the message', async () => {
    const gone = await startAdvisoryRegistry()
    await gone.close()
    const message = await cases({ registry: gone.url.replace('//', '//user:hunter2@') })
    expect(message).toContain('ECONNREFUSED')
    expect(message).not.toContain('hunter2')
  })

  test.each([
    ['not JSON', { 'package-lock.json': '{', 'package.json': '{}' }, 'not a lock file'],
    ['no package.json', { 'package-lock.json': lodash['package-lock.json'] }, 'no package.json'],
    [
      'a broken package.json',
      { ...lodash, 'package.json': '{' },
      'package.json beside it is not JSON',
    ],
  ])('%s', async (_name, files, words) => {
    expect(await cases({ source: sourceWith(files), registry: 'http://127.0.0.1:1/' })).toContain(
      words,
    )
  })

  test('no npm', async () => {
    expect(await cases({ env: { PATH: await directory() } })).toContain('npm')
  })

  test.each([
    ['nothing', ''],
    ['a bare object', '{}'],
    ['an older report', JSON.stringify({ auditReportVersion: 1, vulnerabilities: {} })],
    [
      'a report without its numbers',
      JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} }),
    ],
    [
      'a strange advisory',
      JSON.stringify({ auditReportVersion: 2, vulnerabilities: { a: { via: [{ title: 1 }] } } }),
    ],
  ])('npm printed %s', async (_name, output) => {
    const processes = { run: async () => result({ stdout: Buffer.from(output) }) }
    expect(await cases({ processes })).toContain('npm audit printed no report')
  })

  test('npm did not end', async () => {
    const processes = { run: async () => result({ timedOut: true, exitCode: null }) }
    expect(await cases({ processes })).toContain('longer than 120 s')
  })

  test('one broken lock file among good ones keeps their findings', async () => {
    const { url } = await registryOf()
    const source = sourceWith({ ...lodash, 'b/package-lock.json': '[]', 'b/package.json': '{}' })
    const report = await scannerOf({ source, registry: url }).scan(sha, {})
    expect(report).toMatchObject({ ran: false, findings: [{ package: 'lodash' }] })
    expect(report.message).toContain('b/package-lock.json')
  })

  test('more than 20 lock files', async () => {
    const files = Array.from({ length: 21 }, (_, index) => below(`p${index}`, updated))
    const report = JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: {},
      metadata: { dependencies: { total: 1 } },
    })
    let runs = 0
    const processes = {
      run: async () => {
        runs += 1
        return result({ stdout: Buffer.from(report) })
      },
    }
    const source = sourceWith(Object.assign({}, ...files) as Record<string, string>)
    expect(await cases({ source, processes })).toContain('only 20 lock files')
    expect(runs).toBe(20)
  })
})

test('without a lock file there is nothing to audit, which is not the same as clean', async () => {
  expect(await scannerOf({ source: sourceWith({ 'package.json': '{}' }) }).scan(sha, {})).toEqual({
    ran: false,
    applies: false,
    findings: [],
    message: 'no npm lock file in this commit',
    details: {},
  })
})

test('a shrinkwrap file beats the lock file beside it', async () => {
  const registry = await registryOf()
  const source = sourceWith({ ...updated, 'npm-shrinkwrap.json': lodash['package-lock.json'] })
  const { findings } = await scannerOf({ source, registry: registry.url }).scan(sha, {})
  expect(findings).toMatchObject([{ path: 'npm-shrinkwrap.json' }])
})

test('an abort ends npm and the scan', async () => {
  const stop = new AbortController()
  const { url } = await registryOf()
  const scan = scannerOf({ source: sourceWith(lodash), registry: url }).scan(sha, {
    signal: stop.signal,
  })
  stop.abort(new Error('the caller left'))
  await expect(scan).rejects.toThrow('the caller left')
})

function result(changes: object) {
  return {
    exitCode: 0,
    signal: null,
    timedOut: false,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    truncated: false,
    ...changes,
  }
}

test('a dry run says whom npm would ask, without a password', () => {
  const scanner = scannerOf({ registry: 'https://ada:hunter2@npm.example.com/' })
  expect(scanner.describe()).toContain('https://***@npm.example.com/')
})
