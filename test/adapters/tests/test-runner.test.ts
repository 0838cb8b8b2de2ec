import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGitSource } from '../../../src/adapters/git/source.ts'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { createTestRunner } from '../../../src/adapters/tests/test-runner.ts'
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
  return createTestRunner({ directory, source, processes, runtime: createRuntime() })
}

function script(name: string, code: string, timeout_seconds = 20): TestCommand {
  return { name, run: [process.execPath, '-e', code], directory: '.', timeout_seconds }
}

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
