import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { upPart } from '../../../src/adapters/migrations/discovery/sections.ts'
import { sqlCandidates } from '../../../src/adapters/migrations/discovery/sql.ts'
import { findSets, type FoundSet } from '../../../src/adapters/migrations/find.ts'
import { createMigrations } from '../../../src/adapters/migrations/migrations.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { MigrationsWanted } from '../../../src/ports/migrations.ts'
import type { Source } from '../../../src/ports/source.ts'
import { repositories, sourceOf } from '../git/fixture.ts'
import { brief, djangoFile } from './revisions.ts'

const repository = repositories()

type Files = Record<string, string | Uint8Array>

async function look(files: Files, wanted: Partial<MigrationsWanted> = {}): Promise<FoundSet[]> {
  const repo = await repository()
  const sha = await repo.commit(files)
  return findSets(sourceOf(repo.directory), sha, { paths: [], framework: null, ...wanted })
}

/** What was found, in a few words; the files by their names below the directory. */
function summary(sets: readonly FoundSet[]): Record<string, string[]> {
  return Object.fromEntries(
    sets.map(({ framework, directory, files }) => [
      `${framework} ${directory}`,
      files.map(({ path }) => (directory === '' ? path : path.slice(directory.length + 1))),
    ]),
  )
}

const names = (paths: readonly string[]): Files =>
  Object.fromEntries(paths.map((path) => [path, 'SELECT 1;']))

const revision = (own: string, parent: string) =>
  `revision = "${own}"\ndown_revision = ${parent}\ndef upgrade():\n    pass\n`

describe('SQL is told by names', () => {
  test('each tool by its own, in the order in which it applies them', async () => {
    const sets = await look(
      names([
        'a/db/migration/V1__a.sql',
        'a/db/migration/V1.10__c.sql',
        'a/db/migration/V1_2__b.sql',
        'a/db/migration/V10__e.sql',
        'a/db/migration/V2__d.sql',
        'a/db/migration/R__views.sql',
        'a/db/migration/U2__d.sql',
        'a/db/migration/afterMigrate.sql',
        'b/prisma/migrations/20240102000000_second/migration.sql',
        'b/prisma/migrations/20240101000000_first/migration.sql',
        'c/migrations/2_b.sql',
        'c/migrations/10_c.sql',
        'c/migrations/001_a.sql',
        'c/migrations/schema.sql',
        'd/migrate/20240101120000_a.sql',
        'd/migrate/20240101120001_b.sql',
        'e/steps/000001_a.up.sql',
        'e/steps/000001_a.down.sql',
        'f/migrations/2024-01-01-000000_a/up.sql',
        'f/migrations/2024-01-01-000000_a/down.sql',
        'g/drizzle/0000_a.sql',
        'g/drizzle/meta/_journal.json',
      ]),
    )
    expect(summary(sets)).toEqual({
      'flyway a/db/migration': [
        'V1__a.sql',
        'V1_2__b.sql',
        'V1.10__c.sql',
        'V2__d.sql',
        'V10__e.sql',
        'R__views.sql',
      ],
      'prisma b/prisma/migrations': [
        '20240101000000_first/migration.sql',
        '20240102000000_second/migration.sql',
      ],
      'sql c/migrations': ['001_a.sql', '2_b.sql', '10_c.sql'],
      'rails d/migrate': ['20240101120000_a.sql', '20240101120001_b.sql'],
      'sql e/steps': ['000001_a.up.sql'],
      'sql f/migrations': ['2024-01-01-000000_a/up.sql'],
      'sql g/drizzle': ['0000_a.sql'],
    })
  })

  test('queries, seeds, libraries and material of tests are none', async () => {
    const sets = await look(
      names([
        'queries/001_visits.sql',
        'reports/01_daily.sql',
        'schema.sql',
        'db/seeds/001_users.sql',
        'migrations/seeds/001_users.sql',
        'node_modules/x/migrations/001_a.sql',
        'vendor/x/migrations/001_a.up.sql',
        '.venv/lib/x/migrations/001_a.sql',
        'test/fixtures/migrations/001_a.sql',
        'src/test/resources/db/migration/V1__a.sql',
        'migration.sql',
        'x/001_a.down.sql',
      ]),
    )
    expect(sets).toEqual([])
  })

  test.each([
    ['a line of no tool that is used here', '-- migrate:down\nDROP TABLE a;\n', '001_a.sql'],
    ['the line of another tool', '-- +goose Up\n-- migrate:down\nDROP TABLE a;\n', '001_a.sql'],
    [
      'a file that is called after the way up',
      '-- migrate:up\n-- migrate:down\nDROP TABLE a;\n',
      '1.up.sql',
    ],
    [
      'a file of a folder for each migration',
      '-- migrate:up\n-- migrate:down\nDROP TABLE a;\n',
      '1_a/up.sql',
    ],
  ])('nothing is hidden behind %s', (_name, text, path) => {
    expect(upPart(text, `migrations/${path}`)).toBe(text)
  })

  test('in capital letters, and where Flyway only repeats', () => {
    const place = { root: '', named: false }
    const paths = ['migrations/1_a.SQL', 'migrations/1_a.DOWN.SQL', 'db/views/R__visits.sql']
    const found = sqlCandidates(paths, place).map((one) => [one.framework, one.paths])
    expect(found).toEqual([
      ['sql', ['migrations/1_a.SQL']],
      ['flyway', ['db/views/R__visits.sql']],
    ])
  })

  test('of a file with both ways only the way up is left, on the same lines', async () => {
    const sections: [string, string][] = [
      ['-- migrate:up', '-- migrate:down'],
      ['-- +goose Up', '-- +goose Down'],
      ['-- +migrate Up', '-- +migrate Down'],
      ['# --- !Ups', '# --- !Downs'],
    ]
    const texts = sections.map(
      ([up, down]) => `-- first\n${up}\nCREATE TABLE a ();\n\n${down}\nDROP TABLE a;\n`,
    )
    // Such lines are enough: the folders are not called after migrations.
    const files = texts.map((text, index) => [`changes${index}/001_a.sql`, text] as const)
    const found = (await look(Object.fromEntries(files))).map(({ files: [file] }) => file)
    expect(found.map((file) => file?.text)).toEqual(
      sections.map(([up]) => `\n${up}\nCREATE TABLE a ();\n\n\n\n`),
    )
    const digests = texts.map((text) => createHash('sha256').update(text).digest('hex'))
    expect(found.map((file) => file?.digest)).toEqual(digests)
    const [undo] = await look({
      'migrations/1.sql': 'CREATE TABLE a ();\n-- //@UNDO\nDROP TABLE a;\n',
    })
    expect(undo?.files[0]?.text).toBe('CREATE TABLE a ();\n\n\n')
  })
})

describe('Python is told by what stands in it', () => {
  test('revisions of Alembic, without what only stands beside them', async () => {
    const sets = await look({
      'alembic/env.py': 'print()',
      'alembic/versions/__init__.py': '',
      'alembic/versions/b_second.py': revision('b', '"a"'),
      'alembic/versions/a_first.py': revision('a', 'None'),
      'alembic/versions/archive/old.py': revision('o', 'None'),
      'docs/versions/build.py': 'revision = 1\n',
    })
    expect(summary(sets)).toEqual({ 'alembic alembic/versions': ['a_first.py', 'b_second.py'] })
  })

  test('where alembic.ini says they are, together', async () => {
    const ini =
      '[alembic]\nscript_location = %(here)s/db\nversion_locations = %(here)s/db/one  %(here)s/db/two\nrecursive_version_locations = true\n'
    const sets = await look({
      'service/alembic.ini': ini,
      'service/db/one/deep/a.py': revision('a', 'None'),
      'service/db/two/b.py': revision('b', '"a"'),
    })
    expect(summary(sets)).toEqual({ 'alembic service/db': ['one/deep/a.py', 'two/b.py'] })
  })

  test('a location outside the repository is none', async () => {
    const sets = await look({
      'alembic.ini': '[alembic]\nscript_location = ../other\n',
      'other/versions/a.py': revision('a', 'None'),
    })
    expect(Object.keys(summary(sets))).toEqual(['alembic other/versions'])
  })

  test("migrations of each of Django's apps", async () => {
    const sets = await look({
      'shop/migrations/__init__.py': '',
      'shop/migrations/0001_initial.py': djangoFile(''),
      'shop/migrations/_helpers.py': 'x = 1',
      'blog/migrations/0001_initial.py': djangoFile(''),
      'data/migrations/0001_notes.py': 'x = 1',
    })
    expect(summary(sets)).toEqual({
      'django blog/migrations': ['0001_initial.py'],
      'django shop/migrations': ['0001_initial.py'],
    })
  })
})

describe('a directory that is named', () => {
  test('is believed, whatever it and its files are called', async () => {
    const files = {
      ...names([
        'sql/b.sql',
        'sql/a.sql',
        'sql/a.down.sql',
        'vendor/m/001_a.sql',
        'other/migrations/1_a.sql',
      ]),
      'history/a.py': revision('a', 'None'),
    }
    expect(summary(await look(files, { paths: ['./sql/', 'vendor/m', 'history'] }))).toEqual({
      'alembic history': ['a.py'],
      'sql sql': ['a.sql', 'b.sql'],
      'sql vendor/m': ['001_a.sql'],
    })
    const asked = { paths: ['sql'], framework: 'flyway' } as const
    expect(Object.keys(summary(await look(files, asked)))).toEqual(['flyway sql'])
  })

  test.each([
    ['gone', null],
    ['src', null],
    ['migrations', 'alembic'],
  ] as const)('and holds none is refused by its name: %s', async (path, framework) => {
    const files = names(['migrations/001_a.sql', 'src/main.ts'])
    await expect(look(files, { paths: [path], framework })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(`migrations.paths: ${path} holds no migrations`),
      hint: expect.stringContaining('migrations.paths'),
    })
  })
})

test('a framework that was named is the only one looked for', async () => {
  const files = { ...names(['migrations/001_a.sql']), 'x/versions/a.py': revision('a', 'None') }
  expect(Object.keys(summary(await look(files, { framework: 'alembic' })))).toEqual([
    'alembic x/versions',
  ])
})

describe('what is read', () => {
  let read: string[]
  let files: Files

  beforeEach(() => {
    read = []
    files = {
      ...names(['migrations/001_a.sql', 'README.md', 'reports/001.sql']),
      'app/main.py': 'x',
    }
  })

  /** Notes whose contents are asked for. */
  function watched(source: Source): Source {
    return {
      ...source,
      async *files(sha, wanted) {
        for await (const file of source.files(sha, wanted)) {
          read.push(file.path)
          yield file
        }
      },
    }
  }

  test('is only what may be a migration', async () => {
    const repo = await repository()
    const sha = await repo.commit(files)
    const source = watched(sourceOf(repo.directory))
    expect(await source.paths(sha)).toEqual(Object.keys(files).toSorted())
    await findSets(source, sha, { paths: [], framework: null })
    // The other one may say in its text which part goes up.
    expect(read).toEqual(['migrations/001_a.sql', 'reports/001.sql'])
  })

  test('is read whole, however large it is', async () => {
    const large = `-- ${'x'.repeat(5 * 1024 * 1024)}\nDROP TABLE a;\n`
    const [set] = await look({ 'migrations/001_a.sql': large })
    expect(set?.files[0]?.text).toHaveLength(large.length)
  })
})

test('a history of 120 revisions with branches is read as it is', async () => {
  const repo = await repository()
  const history: Files = {}
  for (let index = 0; index < 120; index++) {
    // Every tenth one is beside the one before, and the next brings both together.
    const branch = index % 10 === 8
    const merge = index % 10 === 9
    const parents =
      index === 0 ? [] : branch ? [index - 2] : merge ? [index - 1, index - 2] : [index - 1]
    const down =
      parents.length === 0 ? 'None' : `(${parents.map((one) => `"r${one}"`).join(', ')},)`
    history[`alembic/versions/r${index}.py`] = `from alembic import op
import sqlalchemy as sa

revision = "r${index}"
down_revision = ${down}


def upgrade():
    op.create_table("t${index}", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("CREATE INDEX i${index} ON t${index} (id)")


def downgrade():
    op.drop_table("t${index}")
`
  }
  const sha = await repo.commit(history)
  const migrations = createMigrations({
    source: sourceOf(repo.directory),
    processes: createProcesses(),
  })
  const [set, ...others] = await migrations.read(sha, { paths: [], framework: null })
  expect(others).toEqual([])
  expect(set?.migrations).toHaveLength(120)
  const parents = new Map(set!.migrations.map((one) => [one.revision, one.parents]))
  expect(parents.get('r0')).toEqual([])
  expect(parents.get('r18')).toEqual(['r16'])
  expect(parents.get('r19')).toEqual(['r18', 'r17'])
  const last = set!.migrations.find(({ revision: own }) => own === 'r119')!
  expect(last.operations.map(brief)).toEqual([
    'create_table t119',
    'create_index t119 i119, new_table, not concurrently',
  ])
})

test('a file that cannot be read is not taken for an empty one', async () => {
  const source = {
    paths: async () => ['migrations/1_a.sql'],
    async *files() {
      yield { path: 'migrations/1_a.sql', content: null }
    },
    readFile: async () => null,
  }
  await expect(
    findSets(source, 'a'.repeat(40), { paths: [], framework: null }),
  ).rejects.toMatchObject({
    code: 'source_unavailable',
    message: expect.stringContaining('migrations/1_a.sql'),
  })
})
