import { describe, expect, test } from 'vitest'
import { readAlembic } from '../../../src/adapters/migrations/alembic.ts'
import { createMigrations } from '../../../src/adapters/migrations/migrations.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { repositories, sourceOf } from '../git/fixture.ts'
import { brief, djangoFile, readApp, readRevision, revision, upgraded } from './revisions.ts'

const repository = repositories()

/** Whether something says that nobody can tell: what cannot be followed must not look safe. */
async function reasons(body: string, before = ''): Promise<string[]> {
  return (await upgraded(body, before)).flatMap(({ facts }) => facts.why ?? [])
}

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

describe('what never ends', () => {
  test.each([
    ['brackets', `op.execute(${'('.repeat(20_000)}"x"${')'.repeat(20_000)})`, 'nested too deeply'],
    ['sums', `op.execute(${'"x" + '.repeat(5000)}"y")`, 'nested too deeply'],
    ['methods', `op.execute("x"${'.strip()'.repeat(5000)})`, 'nested too deeply'],
    [
      'conditions',
      `${many(170, (at) => `${' '.repeat(at)}if True:`)}\n${' '.repeat(170)}op.drop_table("a")`,
      'nested too deeply',
    ],
    ['lines', many(6000, () => 'op.drop_table("a")'), 'it does more than 5000 things'],
    ['assignments', many(15_000, () => 'a = 1'), 'it is too long to be followed to its end'],
    ['itself', 'again()', 'it calls itself'],
    ['helpers that call each other twice', 'h40()', 'it is too long to be followed to its end'],
    [
      'text that doubles',
      `a = "x"\n${many(64, () => 'a = a + a')}\nop.execute(a)`,
      'too long to be followed',
    ],
    [
      'formats that double',
      `a = "x"\n${many(64, () => 'a = "{0}{0}".format(a)')}\nop.execute(a)`,
      'put together when it runs',
    ],
    [
      'lists that double',
      `a = [op]\n${many(64, () => 'a = a + a')}\nmap(print, a)`,
      'handed what leads',
    ],
    [
      'lists in lists',
      `a = [op]\n${many(64, () => 'a = [a, a]')}\nmap(print, a)`,
      'handed what leads',
    ],
    [
      'loops in loops',
      `a = [1] ${'+ [1]'.repeat(60)}\n${many(9, (at) => `${' '.repeat(at)}for x in a:`)}\n${' '.repeat(9)}op.drop_table("a")`,
      'too long',
    ],
  ])('%s', async (_name, body, why) => {
    const helpers = many(
      41,
      (at) => `def h${at}():\n    ${at === 0 ? 'pass' : `h${at - 1}(); h${at - 1}()`}`,
    )
    const found = await reasons(body, `${helpers}\ndef again():\n    again()\n`)
    expect(found.join('\n')).toContain(why)
  })

  test('operations of Django that hold each other', async () => {
    const nested = many(
      60,
      () =>
        'a = migrations.SeparateDatabaseAndState(database_operations=[a, a, migrations.AlterModelOptions("a", {})])',
    )
    const text = djangoFile('a', null, `a = migrations.AlterModelOptions("a", {})\n${nested}`)
    const app = await readApp({ '0001_initial': text })
    const found = app.get('clinic.0001_initial')!.operations
    expect(found.map(brief)).toContain('unknown, it has too many operations to be followed')
  })
})

describe('what is no Python', () => {
  test('is unknown, and what can be read of it is', async () => {
    const text = revision('op.drop_table("a")\nop.drop_table("b"').replace(
      'def downgrade',
      'def ((',
    )
    const found = (await readRevision(text)).operations.map(brief)
    expect(found).toContain('unknown, this is not valid Python')
    expect(found).toContain('drop_table a')
  })

  test.each([
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0, 1, 2, 0x80])],
    ['nothing', new Uint8Array()],
    ['more than anybody writes', Buffer.alloc(1024 * 1024 + 1, 'x = 1\n')],
  ])('%s', async (_name, content) => {
    const text = new TextDecoder().decode(content)
    const { operations, revision: own } = await readRevision(text)
    expect(own).toBe('b2')
    expect(operations.length).toBeGreaterThan(0)
    expect(operations.every(({ kind }) => kind === 'unknown')).toBe(true)
  })

  test('text that tries to look like something else is shown plainly', async () => {
    const [found] = await upgraded('op.drop_table("a\u202e\u0007")')
    expect(found?.statement).toBe('op.drop_table("a")')
  })
})

test('a circle of revisions is handed on as it stands', async () => {
  const files = [
    ['a', 'b'],
    ['b', 'a'],
  ].map(([own, parent]) => ({
    path: `versions/${own}.py`,
    text: `revision = "${own}"\ndown_revision = "${parent}"\ndef upgrade():\n    pass\n`,
    digest: 'd',
  }))
  const read = await readAlembic(files)
  expect(read.map(({ revision: own, parents }) => [own, ...parents])).toEqual([
    ['a', 'b'],
    ['b', 'a'],
  ])
})

test('nothing of the repository is run, and files that are no text do not stop the others', async () => {
  const repo = await repository()
  const mark = `${repo.directory}/ran`
  const run = `import os\nos.system("touch ${mark}")\n`
  const sha = await repo.commit({
    'versions/a.py': run + revision(`os.system("touch ${mark}")\nopen("${mark}", "w")`),
    'versions/b.py': Uint8Array.from([0xff, 0xfe, 0x00]),
    'versions/env.py': run,
  })
  const source = sourceOf(repo.directory)
  const migrations = createMigrations({ source, processes: createProcesses() })
  const [set] = await migrations.read(sha, { paths: [], framework: null })
  expect(set?.migrations.map(({ revision: own }) => own)).toEqual(['b2', 'b', 'env'])
  expect(set?.migrations[0]?.operations.map(brief)).toEqual([
    'unknown, it calls os.system, which is not in this file',
    'unknown, it calls open, which is not in this file',
  ])
  await expect(repo.git('status', '--porcelain')).resolves.toBe('')
})
