import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClinicRepository, type ClinicHistory } from '../../../src/setup/sample/history.ts'
import { exportTree, git, node, run, temporaryDirectory } from '../../examples/release.ts'

const sources = join(import.meta.dirname, '../../../src/setup/sample')

let home: Awaited<ReturnType<typeof temporaryDirectory>>
let repository: string
let history: ClinicHistory

beforeAll(async () => {
  home = await temporaryDirectory()
  repository = join(home.path, 'repository')
  history = await makeClinicRepository(repository)
})

afterAll(() => home[Symbol.asyncDispose]())

const show = (path: string): Promise<string> => git(repository, 'show', path)

describe('the history', () => {
  it('has the releases on main, as tags', async () => {
    const { good1, good2, broken } = history
    expect(await git(repository, 'rev-list', 'main')).toBe([broken, good2, good1].join('\n'))
    for (const [tag, sha] of Object.entries({
      'v1.0.0': good1,
      'v1.1.0': good2,
      'v1.2.0': broken,
    })) {
      expect(await git(repository, 'rev-parse', `${tag}^{commit}`)).toBe(sha)
      const { version } = JSON.parse(await show(`${sha}:package.json`)) as { version: string }
      expect(`v${version}`).toBe(tag)
    }
  })

  it('has the other bad commits on branches off the second release', async () => {
    const { good2, leaky, vulnerable, red } = history
    for (const [branch, sha] of Object.entries({ leaky, vulnerable, red })) {
      expect(await git(repository, 'rev-parse', branch)).toBe(sha)
      expect(await git(repository, 'rev-parse', `${branch}^`)).toBe(good2)
    }
  })

  it('ends on main with nothing left to commit', async () => {
    expect(await git(repository, 'branch', '--show-current')).toBe('main')
    expect(await git(repository, 'status', '--porcelain')).toBe('')
  })

  it('is the same every time, whatever git environment the caller has', async () => {
    const again = join(home.path, 'again')
    const script = `import { makeClinicRepository } from '${join(sources, 'history.ts')}'
      console.log(JSON.stringify(await makeClinicRepository('${again}')))`
    const env = { ...process.env, GIT_DIR: join(home.path, 'elsewhere'), GIT_AUTHOR_NAME: 'Nobody' }
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env })
    expect(JSON.parse(stdout)).toEqual(history)
  })

  it('is not made in a directory that holds something', async () => {
    const directory = join(home.path, 'taken')
    await mkdir(directory)
    await writeFile(join(directory, 'notes.txt'), 'mine')
    await expect(makeClinicRepository(directory)).rejects.toThrow('is not empty')
    expect(await readdir(directory)).toEqual(['notes.txt'])
  })
})

describe('the commits', () => {
  it('good1 is the service as it is', async () => {
    const clinic = join(import.meta.dirname, '../../../examples/clinic')
    const files = await git(repository, 'ls-tree', '-r', '--name-only', history.good1)
    expect(files.split('\n')).toEqual(expect.arrayContaining(['faults.json', 'src/server.js']))
    for (const file of files.split('\n')) {
      const kept = await show(`${history.good1}:${file}`)
      expect(kept).toBe((await readFile(join(clinic, file), 'utf8')).trim())
    }
  })

  it('good2 adds a migration and edits none', async () => {
    const { good1, good2 } = history
    const changes = await git(repository, 'diff', '--name-status', good1, good2, '--', 'migrations')
    expect(changes).toBe('A\tmigrations/0003_appointment_note.sql')
  })

  it('broken fails appointments in production only', async () => {
    expect(JSON.parse(await show(`${history.good2}:faults.json`))).toEqual({})
    expect(JSON.parse(await show(`${history.broken}:faults.json`))).toEqual({
      appointments: { status: 500, environments: ['production'] },
    })
  })

  it('leaky holds credentials that a scanner finds', async () => {
    const path = 'src/letter-store.js'
    const content = await show(`${history.leaky}:${path}`)
    expect(content).toMatch(/'AKIA[A-Z2-7]{16}'/)
    expect(await findSecrets(path, content)).toContain('AWSSecretAccessKey')
  })

  it('no file here holds those credentials', async () => {
    const path = join(sources, 'changes.ts')
    const content = await readFile(path, 'utf8')
    expect(content).not.toMatch(/AKIA[A-Z2-7]{16}/)
    expect(await findSecrets(path, content)).toEqual([])
  })

  it('vulnerable locks an old lodash and names no registry', async () => {
    const manifest = JSON.parse(await show(`${history.vulnerable}:package.json`)) as unknown
    expect(manifest).toMatchObject({ dependencies: { lodash: '4.17.15' } })
    const lock = await show(`${history.vulnerable}:package-lock.json`)
    expect(JSON.parse(lock)).toMatchObject({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { lodash: '4.17.15' } },
        'node_modules/lodash': {
          version: '4.17.15',
          integrity: expect.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/),
        },
      },
    })
    expect(lock).not.toContain('resolved')
    expect(lock).not.toContain('http')
  })

  it.each([
    ['good1', 0],
    ['good2', 0],
    ['broken', 0],
    ['red', 1],
  ] as const)('the tests of %s end with %i and leave nothing behind', async (name, code) => {
    const tree = await exportTree(repository, history[name], join(home.path, name))
    const TMPDIR = join(home.path, `${name}-tmp`)
    await mkdir(TMPDIR)
    const outcome = await node(tree, ['--test', '--test-isolation=none'], { TMPDIR })
    expect(outcome).toMatchObject({ code })
    expect(outcome.stdout).toContain(name === 'red' ? 'fail 1' : 'fail 0')
    expect(await readdir(TMPDIR)).toEqual([])
    expect(await git(tree, 'status', '--porcelain')).toBe('')
  })
})

async function findSecrets(filePath: string, content: string): Promise<string[]> {
  const id = '@secretlint/secretlint-rule-preset-recommend'
  const { messages } = await lintSource({
    source: { filePath, content, ext: '.js', contentType: 'text' },
    options: { config: { rules: [{ id, rule: creator, rules: [], options: {} }] } },
  })
  return messages.map((message) => message.messageId)
}
