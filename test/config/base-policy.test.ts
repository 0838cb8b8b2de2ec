import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBaseFile } from '../../src/adapters/git/base-file.ts'
import { allowedEnvironment } from '../../src/adapters/process/environment.ts'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { readBasePolicy } from '../../src/config/base-policy.ts'
import { loadProject } from '../../src/config/load.ts'
import { Failure } from '../../src/core/failure.ts'
import { makeRepository, type Repository } from '../support/repository.ts'

const config = (approval: string) =>
  `project: shop\nenvironments:\n  staging: {}\n  production: { approval: ${approval} }\n`

let repo: Repository

beforeAll(async () => {
  repo = await makeRepository()
})
afterAll(() => repo.remove())

/** As the process would that is started in this directory. */
async function basePolicy(directory = repo.directory, env: Record<string, string> = {}) {
  const own = { HOME: '/home/someone', ...env }
  const { project } = await loadProject({ cwd: directory, directory, env: own })
  const git = {
    repository: project.repository,
    defaultBranch: project.default_branch,
    processes: createProcesses(),
    env: allowedEnvironment(process.env),
  }
  return await readBasePolicy({ project, env: own, read: (paths) => readBaseFile(git, paths) })
}

/** Commits it, and lets origin be seen to have it. */
async function pushed(files: Record<string, string>): Promise<string> {
  const sha = await repo.commit(files)
  await repo.git('update-ref', 'refs/remotes/origin/main', sha)
  return sha
}

const approval = (base: Awaited<ReturnType<typeof basePolicy>>) =>
  base?.project?.environments.at(-1)?.approval

test('what origin has decides, not what lies in the directory or was not pushed', async () => {
  const { directory } = repo
  const file = join(directory, 'gonogo.yaml')
  await repo.commit({ 'gonogo.yaml': config('required') })
  // A branch of the clone protects nothing: whoever edits the file can commit it there.
  expect(await basePolicy()).toBeNull()

  const committed = await pushed({ 'gonogo.yaml': config('required'), other: '1' })
  await writeFile(file, config('none'))
  const base = await basePolicy()
  expect(base).toMatchObject({ branch: 'main', sha: committed, problem: null })
  expect(approval(base)).toBe('required')
  expect(base?.project?.config_file).toBe(file)

  const lowered = await repo.commit({ 'gonogo.yaml': config('none') })
  expect(approval(await basePolicy())).toBe('required')

  // Nor does a configuration choose the branch it is judged by.
  await repo.git('branch', 'mine', lowered)
  await repo.git('update-ref', 'refs/remotes/origin/mine', lowered)
  await writeFile(file, `${config('none')}default_branch: mine\n`)
  await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
  expect(approval(await basePolicy())).toBe('required')
  await writeFile(file, config('none'))

  // Another ending is no other file.
  await rename(file, join(directory, 'gonogo.yml'))
  expect((await basePolicy())?.sha).toBe(committed)
  await rename(join(directory, 'gonogo.yml'), file)
})

/** Commits this, and leaves something usable in the directory. */
async function broken(text: string): Promise<void> {
  await pushed({ 'gonogo.yaml': text })
  await writeFile(join(repo.directory, 'gonogo.yaml'), config('required'))
}

test('what the branch cannot be understood to say is told in words that hold still', async () => {
  await broken('project: shop\nenvironments: {}\n')
  expect(await basePolicy()).toMatchObject({
    branch: 'main',
    project: null,
    problem:
      'it is no usable configuration (line 2: environments must have at least one environment)',
  })
  await broken('project: [shop\n')
  expect((await basePolicy())?.problem).toMatch(/^it is no usable configuration \(line \d: .+\)$/)
  await broken('')
  expect((await basePolicy())?.problem).toMatch(/no usable configuration/)
})

test('without a file of the branch to compare with there is nothing to compare', async () => {
  const outside = join(repo.directory, 'elsewhere')
  await mkdir(outside)
  // One that the branch does not have.
  await writeFile(join(outside, 'gonogo.yaml'), `${config('none')}repository: ..\n`)
  expect(await basePolicy(outside)).toBeNull()
  await pushed({ 'elsewhere/gonogo.yaml': `${config('required')}repository: ..\n` })
  expect(approval(await basePolicy(outside))).toBe('required')
  await rm(outside, { recursive: true })
  // One outside of the repository.
  const other = await makeRepository()
  try {
    await writeFile(
      join(other.directory, 'gonogo.yaml'),
      `${config('none')}repository: ${repo.directory}\n`,
    )
    expect(await basePolicy(other.directory)).toBeNull()
    // None at all.
    await rm(join(other.directory, 'gonogo.yaml'))
    expect(await basePolicy(other.directory, { STAGING_URL: 'http://x.test' })).toBeNull()
  } finally {
    await other.remove()
  }
})

test('a branch that cannot be read is told by what kind of failure it was', async () => {
  const project = { config_file: join(repo.directory, 'gonogo.yaml'), repository: repo.directory }
  const failure = new Failure({ code: 'rate_limited', message: 'until 12:07', hint: 'wait' })
  const read = () => Promise.reject(failure)
  expect(await readBasePolicy({ project, env: {}, read })).toEqual({
    branch: 'the default branch',
    sha: '',
    policy: null,
    project: null,
    problem: 'it cannot be read (rate_limited): check with gonogo doctor',
  })
})

test('holidays are read from the branch, and those of the branch hold as well', async () => {
  const { directory } = repo
  const text = `${config('required')}freeze:\n  - { name: days, kind: holidays, file: days.txt }\n`
  await pushed({ 'gonogo.yaml': text, 'days.txt': '2026-12-25 Christmas\n' })
  // Whoever empties the list in the directory thaws nothing.
  await writeFile(join(directory, 'days.txt'), '1999-01-01 long ago\n')
  const base = await basePolicy()
  expect(base?.problem).toBeNull()
  expect(base?.project?.freeze).toMatchObject([
    { holidays: [{ name: 'Christmas', from: '2026-12-25', to: '2026-12-25' }] },
  ])
  await pushed({ 'gonogo.yaml': text.replace('days.txt', 'gone.txt'), 'gone.txt': 'tomorrow\n' })
  await writeFile(join(directory, 'gonogo.yaml'), text)
  expect((await basePolicy())?.problem).toContain('freeze[0].file cannot be used: line 1')
})
