import { describe, expect, it } from 'vitest'
import { cannotBeApplied, reportOf } from '../../src/core/migration-report.ts'
import type { Migration, MigrationFramework, MigrationSet } from '../../src/core/migration.ts'

const nothing = { operations: [], parents: [] }

function migration(revision: string, rest: Partial<Migration> = {}): Migration {
  return { revision, file: `m/${revision}.py`, digest: `d-${revision}`, ...nothing, ...rest }
}

/** Each builds on the one before. */
function chain(...revisions: string[]): Migration[] {
  return revisions.map((revision, index) =>
    migration(revision, { parents: revisions.slice(0, index).slice(-1) }),
  )
}

function set(migrations: Migration[], rest: Partial<MigrationSet> = {}): MigrationSet {
  return { framework: 'alembic', directory: 'm', migrations, ...rest }
}

function between(from: MigrationSet[] | null, to: MigrationSet[]) {
  return reportOf({
    from: from && { sha: 'a'.repeat(40), sets: from },
    to: { sha: 'b'.repeat(40), sets: to },
  })
}

function kinds(from: MigrationSet[] | null, to: MigrationSet[]): string[] {
  return between(from, to).findings.map(({ kind }) => kind)
}

describe('what would be applied', () => {
  it('is what the release that runs does not have, parents first', () => {
    const all = chain('a', 'b', 'c', 'd')
    const report = between([set(all.slice(0, 2))], [set(all.toReversed())])
    expect(report).toMatchObject({ revisions: ['c', 'd'], heads: ['d'], verdict: 'safe' })
    expect(report.code_only_rollback).toBe(true)
  })

  it('is everything where nobody knows what runs, and says so', () => {
    const report = between(null, [set(chain('a', 'b'))])
    expect(report).toMatchObject({ revisions: ['a', 'b'], from: null, code_only_rollback: null })
    expect(report.notes).toEqual(['no commit is known that runs now, so all migrations count'])
  })

  it('does not hold files that only have another name, or another directory', () => {
    const [a, b] = chain('a', 'b')
    const moved = { ...a!, file: 'other/renamed.py' }
    const report = between([set([a!])], [set([moved, b!], { directory: 'other' })])
    expect(report.revisions).toEqual(['b'])
    expect(report.findings).toEqual([])
  })

  it('is judged, and the worst comes first', () => {
    const operation = { line: 1, statement: 's', table: 't', name: 'c', facts: {} }
    const b = migration('b', {
      parents: ['a'],
      operations: [
        { ...operation, kind: 'create_index' },
        { ...operation, kind: 'drop_column' },
      ],
    })
    const report = between([set(chain('a'))], [set([...chain('a'), b])])
    expect(report.findings.map(({ kind }) => kind)).toEqual(['drop_column', 'create_index'])
    expect(report).toMatchObject({ verdict: 'destructive', code_only_rollback: false })
  })

  it('names one framework, or none where there are several', () => {
    const sql = set([migration('1')], { framework: 'sql', directory: 'sql' })
    expect(between(null, [set(chain('a'))]).framework).toBe('alembic')
    expect(between(null, [set(chain('a')), sql])).toMatchObject({
      framework: null,
      directories: ['m', 'sql'],
    })
    expect(between(null, [])).toMatchObject({ framework: null, directories: [], verdict: 'safe' })
  })
})

/** The same set with other bytes. */
function reworded(framework: MigrationFramework) {
  const before = set(chain('a'), { framework })
  return between([before], [{ ...before, migrations: [migration('a', { digest: 'other' })] }])
}

describe('the structure', () => {
  it('with several heads cannot be applied, and the command that merges them is named', () => {
    const [a, b] = chain('a', 'b')
    const report = between([set([a!])], [set([a!, b!, migration('c', { parents: ['a'] })])])
    const [finding] = report.findings
    expect(report.heads).toEqual(['b', 'c'])
    expect(finding).toMatchObject({
      kind: 'several_heads',
      advice: 'merge them: alembic merge heads',
    })
    expect(finding!.effect).toContain('b nor on c')
    expect(cannotBeApplied(finding!)).toBe(true)
  })

  it('tells a parent that is missing, a circle, and a revision that is there twice', () => {
    expect(kinds(null, [set([migration('b', { parents: ['gone'] })])])).toEqual(['missing_parent'])
    const circle = [migration('a', { parents: ['b'] }), migration('b', { parents: ['a'] })]
    expect(between(null, [set(circle)]).findings[0]!.effect).toContain('circle')
    const twice = [migration('a'), migration('a', { file: 'm/copy.py' })]
    expect(kinds(null, [set(twice)])).toContain('repeated_revision')
  })

  it('tells a migration that was changed or taken away after it was applied', () => {
    const [a, b] = chain('a', 'b')
    const statement = { line: 1, table: 't', name: null, facts: {} }
    const one = { ...statement, kind: 'create_table', statement: 'create table t' } as const
    const other = { ...statement, kind: 'create_table', statement: 'create table u' } as const
    const before = { ...a!, operations: [one] }
    const after = { ...a!, digest: 'other', operations: [other] }
    expect(kinds([set([before, b!])], [set([after, b!])])).toEqual(['edited'])
    expect(kinds([set([a!, b!])], [set([a!])])).toEqual(['removed'])
    expect(kinds([set([a!])], [])).toEqual(['removed'])
  })

  it('does not mind new comments, except where the tool compares the bytes', () => {
    expect(reworded('alembic')).toMatchObject({ findings: [], verdict: 'safe' })
    expect(reworded('alembic').notes).toEqual([
      '1 applied migration was reworded without doing anything else than before',
    ])
    expect(reworded('flyway').findings).toMatchObject([{ kind: 'edited' }])
  })

  it('does not take a changed migration for reworded where part of it could not be read', () => {
    const unknown = {
      kind: 'unknown',
      line: 1,
      statement: 's',
      table: null,
      name: null,
      facts: {},
    } as const
    const before = migration('a', { operations: [unknown] })
    expect(kinds([set([before])], [set([{ ...before, digest: 'other' }])])).toEqual(['edited'])
  })

  it('applies what Flyway repeats again, when it changed', () => {
    const view = migration('R__view', { file: 'm/R__view.sql' })
    const flyway = { framework: 'flyway' } as const
    const report = between([set([view], flyway)], [set([{ ...view, digest: 'other' }], flyway)])
    expect(report).toMatchObject({ revisions: ['R__view'], findings: [] })
  })
})
