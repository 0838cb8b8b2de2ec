import { describe, expect, it } from 'vitest'
import { migrationsOf, migrationsRepository } from '../../support/migrations-of.ts'

const anywhere = { paths: [], framework: null }

describe('SQL migrations of a commit', () => {
  it.each([
    [
      'plain',
      { 'db/migrations/001_a.sql': 'select 1', 'db/migrations/010_b.sql': '' },
      'sql',
      ['001_a', '010_b'],
    ],
    [
      'Flyway',
      { 'm/V1__a.sql': '', 'm/V1_1__b.sql': '', 'm/V10__c.sql': '', 'm/R__v.sql': '' },
      'flyway',
      ['1', '1_1', '10', 'R__v'],
    ],
    [
      'Prisma',
      { 'prisma/migrations/20240101000000_a/migration.sql': '' },
      'prisma',
      ['20240101000000_a'],
    ],
    ['Rails-style', { 'db/migrate/20240101120000_x.sql': '' }, 'rails', ['20240101120000']],
    [
      'up and down',
      { 'migrations/1_a.up.sql': '', 'migrations/1_a.down.sql': 'drop table a' },
      'sql',
      ['1_a'],
    ],
    [
      'Diesel',
      {
        'migrations/2024-01-01-000000_a/up.sql': '',
        'migrations/2024-01-01-000000_a/down.sql': '',
      },
      'sql',
      ['2024-01-01-000000_a'],
    ],
  ])('%s: each builds on the one before, in order', async (_, files, framework, revisions) => {
    const migrations = migrationsOf({ x: files })
    const [set, ...others] = await migrations.read('x', anywhere)
    expect(others).toEqual([])
    expect(set).toMatchObject({ framework })
    expect(set!.migrations.map(({ revision }) => revision)).toEqual(revisions)
    const parents = revisions.map((_each, index) => revisions.slice(0, index).slice(-1))
    expect(set!.migrations.map((each) => each.parents)).toEqual(parents)
  })

  it('are read on the way up only, with the lines of the file', async () => {
    const { repository, migrations } = await migrationsRepository()
    const text =
      '-- migrate:up\ncreate table a (b int);\nalter table c drop d;\n-- migrate:down\ndrop table a;\n'
    const sha = await repository.commit({ 'db/migrations/20240101120000_x.sql': text })
    const [set] = await migrations.read(sha, anywhere)
    expect(set!.migrations[0]!.operations).toMatchObject([
      { kind: 'create_table', line: 2 },
      { kind: 'drop_column', line: 3 },
    ])
  })

  it('that were named and are not there are a mistake', async () => {
    const { repository, migrations } = await migrationsRepository()
    const sha = await repository.commit({ 'README.md': 'x' })
    expect(await migrations.read(sha, anywhere)).toEqual([])
    await expect(migrations.read(sha, { paths: ['db'], framework: null })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
  })

  it('are linted where there is a linter, which may be missing', async () => {
    const migrations = migrationsOf({ x: { 'db/migrations/1.sql': 'select 1' } })
    const nothing = { linter: null, findings: [], problem: null }
    expect(await migrations.lint('x', ['db/migrations/1.sql'])).toEqual(nothing)
  })
})
