import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGitSource } from '../../../src/adapters/git/source.ts'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { createTestRunner } from '../../../src/adapters/tests/test-runner.ts'
import { createTestReports } from '../../../src/adapters/junit/test-reports.ts'
import type { TestCommand } from '../../../src/core/project.ts'
import { makeRepository } from '../../support/repository.ts'

let repository: Awaited<ReturnType<typeof makeRepository>>
let directory: string

beforeEach(async () => {
  repository = await makeRepository()
  directory = await mkdtemp(join(tmpdir(), 'gonogo-tests-'))
})

afterEach(async () => {
  await repository.remove()
  await rm(directory, { recursive: true, force: true })
})

function runner() {
  const processes = createProcesses()
  const env = allowedEnvironment()
  const source = createGitSource({
    repository: repository.directory,
    defaultBranch: null,
    processes,
    env,
  })
  const reports = createTestReports()
  return createTestRunner({ directory, source, processes, runtime: createRuntime(), reports })
}

function script(name: string, code: string, timeout_seconds = 20): TestCommand {
  return { name, run: [process.execPath, '-e', code], directory: '.', timeout_seconds, junit: null }
}

/** A command that writes these files and ends with this code. */
function writing(junit: string, files: Record<string, string>, code = 0): TestCommand {
  const text = `const fs = require('fs')
for (const [name, content] of Object.entries(${JSON.stringify(files)})) {
  fs.mkdirSync(require('path').dirname(name), { recursive: true })
  fs.writeFileSync(name, content)
}
process.exit(${code})`
  return { ...script('unit', text), junit }
}

const green =
  '<testsuite><testcase classname="api" name="logs in"/><testcase name="x"><skipped/></testcase></testsuite>'
const red = '<testsuite><testcase name="pays"><failure message="declined"/></testcase></testsuite>'

describe('running the tests of a commit', () => {
  it('runs in the tree of that commit, not in the working directory, and leaves nothing', async () => {
    const sha = await repository.commit({ 'answer.txt': 'committed' })
    await repository.commit({ 'answer.txt': 'newer' })
    const reads = `process.exit(require('fs').readFileSync('answer.txt','utf8') === 'committed' ? 0 : 3)`
    const outcomes = await runner().run(sha, [script('reads', reads)])
    expect(outcomes).toMatchObject([{ name: 'reads', passed: true, exit_code: 0, output: [] }])
    expect(await readdir(directory)).toEqual([])
  })

  it('stops at the first that fails and keeps the end of its output', async () => {
    const sha = await repository.commit({ a: '1' })
    const fails = script('fails', `console.log('first'); console.error('why'); process.exit(4)`)
    const outcomes = await runner().run(sha, [fails, script('never', '')])
    expect(outcomes).toMatchObject([{ name: 'fails', passed: false, exit_code: 4 }])
    expect(outcomes[0]!.output.join('\n')).toContain('why')
  })

  it('runs nowhere but in the tree, and says so in words that stay the same', async () => {
    await symlink(directory, join(repository.directory, 'web'))
    await mkdir(join(repository.directory, 'api'))
    await symlink('api', join(repository.directory, 'app'))
    const sha = await repository.commit({ a: '1', 'api/b': '1' })
    const inside = { ...script('unit', `process.exit(fs.existsSync('b') ? 0 : 1)`) }
    expect(await runner().run(sha, [{ ...inside, directory: 'app' }])).toMatchObject([
      { passed: true },
    ])
    for (const place of ['web', 'missing', 'a', '..']) {
      await expect(runner().run(sha, [{ ...inside, directory: place }])).rejects.toMatchObject({
        code: 'invalid_input',
        message: `unit cannot run: ${place} is no directory of this commit`,
        hint: 'correct tests[].directory in gonogo.yaml',
      })
    }
    expect(await readdir(directory)).toEqual([])
  })

  it('ends a command that hangs', async () => {
    const sha = await repository.commit({ a: '1' })
    const outcomes = await runner().run(sha, [script('hangs', 'setInterval(() => {}, 1000)', 1)])
    expect(outcomes).toMatchObject([{ passed: false, timed_out: true }])
  })

  it('does not let the code under test see the secrets of gonogo', async () => {
    const sha = await repository.commit({ a: '1' })
    process.env.DEPLOYMENT_ADMIN_TOKENS = 'do-not-show'
    try {
      const looks = script('looks', `process.exit(process.env.DEPLOYMENT_ADMIN_TOKENS ? 1 : 0)`)
      expect(await runner().run(sha, [looks])).toMatchObject([{ passed: true }])
    } finally {
      delete process.env.DEPLOYMENT_ADMIN_TOKENS
    }
  })
})

describe('the report a command writes', () => {
  it('is read out of every file that matches, before the copy is removed', async () => {
    const sha = await repository.commit({ 'web/a': '1' })
    const files = { 'out/a.xml': green, 'out/deep/b.xml': green, 'out/coverage.xml': '<coverage/>' }
    const command = { ...writing('out/**/*.xml', files), directory: 'web' }
    const [outcome] = await runner().run(sha, [command])
    expect(outcome).toMatchObject({ passed: true, report_problem: null })
    expect(outcome?.report?.counts).toMatchObject({ passed: 2, skipped: 2, failed: 0 })
    expect(await readdir(directory)).toEqual([])
  })

  it('has the last word when the exit code says that all is well', async () => {
    const sha = await repository.commit({ a: '1' })
    const never = script('never', '')
    const outcomes = await runner().run(sha, [writing('r.xml', { 'r.xml': red }), never])
    expect(outcomes).toMatchObject([
      {
        passed: false,
        exit_code: 0,
        report: { failures: [{ name: 'pays', message: 'declined' }] },
      },
    ])
  })

  it('does not make a failed command pass', async () => {
    const sha = await repository.commit({ a: '1' })
    const outcomes = await runner().run(sha, [writing('r.xml', { 'r.xml': green }, 3)])
    expect(outcomes).toMatchObject([{ passed: false, exit_code: 3, report: { failures: [] } }])
  })

  it('is not one that was committed: that says nothing about now', async () => {
    const sha = await repository.commit({ 'r.xml': green })
    const outcomes = await runner().run(sha, [writing('r.xml', {})])
    expect(outcomes).toMatchObject([{ passed: false, report: null }])
    expect(outcomes[0]?.report_problem).toBe('there is no file')
  })

  it('of no test is no pass', async () => {
    const sha = await repository.commit({ a: '1' })
    const empty = writing('r.xml', { 'r.xml': '<testsuites tests="0"/>' })
    expect(await runner().run(sha, [empty])).toMatchObject([
      { passed: false, report_problem: null },
    ])
  })

  it('is never read through a link out of the tree, nor from a pipe', async () => {
    const outside = join(directory, 'outside.xml')
    await writeFile(outside, green)
    const sha = await repository.commit({ a: '1' })
    const links = `require('fs').symlinkSync(${JSON.stringify(outside)}, 'r.xml')`
    const pipes = `require('child_process').execFileSync('mkfifo', ['r.xml'])`
    const [link] = await runner().run(sha, [{ ...script('unit', links), junit: 'r.xml' }])
    const [pipe] = await runner().run(sha, [{ ...script('unit', pipes), junit: 'r.xml' }])
    expect(link).toMatchObject({ passed: false, report_problem: 'r.xml is a link out of the tree' })
    expect(pipe).toMatchObject({ passed: false, report_problem: 'r.xml is no regular file' })
    expect(await readFile(outside, 'utf8')).toBe(green)
  })

  it('that cannot be opened is told without the path of the copy, which is never the same', async () => {
    const sha = await repository.commit({ a: '1' })
    const listens = `require('net').createServer().listen('r.xml', () => process.kill(process.pid, 'SIGKILL'))`
    const code = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(listens)}])`
    const [socket] = await runner().run(sha, [{ ...script('unit', code), junit: 'r.xml' }])
    expect(socket).toMatchObject({
      passed: false,
      exit_code: 0,
      report_problem: 'a file that it names cannot be opened (ENXIO)',
    })
  })
})

it('ends with its caller, and leaves nothing', async () => {
  const sha = await repository.commit({ a: '1' })
  const ending = new AbortController()
  const hangs = script('hangs', 'setInterval(() => {}, 1000)')
  const onCommand = () => setTimeout(() => ending.abort(new Error('enough')), 200)
  const running = runner().run(sha, [hangs], { onCommand, signal: ending.signal })
  await expect(running).rejects.toThrow('enough')
  expect(await readdir(directory)).toEqual([])
})
