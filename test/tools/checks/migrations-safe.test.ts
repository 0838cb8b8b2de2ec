import { describe, expect, it } from 'vitest'
import type { Check } from '../../../src/core/check.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { Release, ResolvedRef } from '../../../src/core/release.ts'
import type { MigrationLint, Migrations } from '../../../src/ports/migrations.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { migrationsSafe } from '../../../src/tools/checks/migrations-safe.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import { migrationsOf, migrationsRepository } from '../../support/migrations-of.ts'

type Files = Record<string, string | null>

interface Case {
  /** Runs now; null: nobody knows. */
  before: Files | null
  after: Files
  requirement?: 'required' | 'advisory'
  adapt?: (migrations: Migrations) => Migrations
  real?: boolean
}

const first = { 'db/migrations/001_first.sql': 'create table pets (id int primary key, name text)' }

/** The check from `v1` to `v2`; `real`: of a git repository. */
async function check({ before, after, real = false, ...rest }: Case): Promise<Check> {
  const states = real ? await committed(before, after) : inMemory(before, after)
  return await checkOf(states, rest)
}

interface States {
  migrations: Migrations
  from: string | null
  to: string
}

async function committed(before: Files | null, after: Files): Promise<States> {
  const { repository, migrations } = await migrationsRepository()
  const from = before && (await repository.commit(before))
  return { migrations, from, to: await repository.commit(after) }
}

function inMemory(before: Files | null, after: Files): States {
  const [from, to] = ['1'.repeat(40), '2'.repeat(40)] as const
  const kept = Object.entries({ ...before, ...after }).filter(([, text]) => text !== null)
  const [old, now] = [before ?? {}, Object.fromEntries(kept)] as Record<string, string>[]
  const migrations = migrationsOf({ [from]: old!, [to]: now! })
  return { migrations, from: before && from, to }
}

async function checkOf(
  { migrations, from, to }: States,
  { requirement = 'advisory', adapt }: Pick<Case, 'requirement' | 'adapt'>,
): Promise<Check> {
  const environment = fakeEnvironment('production')
  const runs: Release | null = from === null ? null : { sha: from, version: 'v1' }
  const subject: CheckSubject = {
    environment: {
      ...environment,
      checks: { ...environment.checks, migrations_safe: requirement },
    },
    release: { sha: to, version: 'v2' } as ResolvedRef,
    now: { release: runs, source: null, live: { asked: false }, drift: null },
    allowOlder: false,
  }
  const { call } = makeWorld({ migrations: adapt ? adapt(migrations) : migrations })
  return await migrationsSafe.run(subject, call, new AbortController().signal)
}

function second(sql: string, real = false): Case {
  return { before: first, after: { 'db/migrations/002_second.sql': sql }, real }
}

/** Whoever has no clone cannot read any. */
function unreadable(migrations: Migrations): Migrations {
  return {
    ...migrations,
    async read() {
      throw new Failure({ code: 'source_unavailable', message: 'no clone', hint: 'git fetch' })
    },
  }
}

function linting(answer: Partial<MigrationLint>) {
  return (migrations: Migrations): Migrations => ({
    ...migrations,
    lint: async () => ({ linter: 'squawk 2.66.0', findings: [], problem: null, ...answer }),
  })
}

describe('migrations_safe', () => {
  it('passes what takes nothing away, and keeps what it read', async () => {
    const done = await check(second('alter table pets add column born date', true))
    expect(done).toMatchObject({ status: 'passed', ran: true })
    expect(done.message).toBe('1 migration since v1: safe to apply')
    expect(done.details).toMatchObject({
      framework: 'sql',
      directories: ['db/migrations'],
      heads: ['002_second'],
      revisions: ['002_second'],
      findings: [],
      findings_total: 0,
      notes: ['squawk is not installed, so only our own rules were applied'],
    })
    expect(done.planned).toEqual({
      migrations: {
        framework: 'sql',
        revisions: ['002_second'],
        verdict: 'safe',
        code_only_rollback: true,
      },
    })
  })

  it('passes where nothing is new, and says when it cannot tell the way back', async () => {
    expect((await check({ before: first, after: { 'README.md': 'x' } })).message).toBe(
      'no new migrations since v1',
    )
    const done = await check(second("alter type mood add value 'calm'"))
    expect(done.status).toBe('passed')
    expect(done.message).toContain('whether v1 still works afterwards cannot be told')
  })

  it('fails what loses data, and names the place, the loss, the safer way and the command', async () => {
    const sql = 'create index on pets (name);\nalter table pets drop column name'
    const done = await check(second(sql, true))
    expect(done).toMatchObject({ status: 'failed', ran: true })
    expect(done.message).toBe(
      'destructive: db/migrations/002_second.sql:2: every value of pets.name is lost; stop using it in ' +
        'one release, and drop it in a later one (expand and contract) ' +
        '(gonogo migrations --from v1 --to v2 shows all 2)',
    )
    expect(done.planned?.migrations).toMatchObject({
      verdict: 'destructive',
      code_only_rollback: false,
    })
  })

  it('fails a set that cannot be applied, whatever is in it', async () => {
    const done = await check({
      before: first,
      after: {
        'db/migrations/20240101120000_a.sql': 'select 1',
        'db/migrations/20240101120000_b.sql': 'select 1',
        'db/migrations/001_first.sql': null,
      },
    })
    expect(done.status).toBe('failed')
    expect(done.message).toContain('repeated revision: ')
    expect(done.message).toContain('give one of them a revision of its own')
  })

  it.each([
    ['create index on pets (name)', 'needs review', 'create it CONCURRENTLY'],
    ['do $$ begin null; end $$', 'unknown', 'write it as plain statements'],
    ['ALTER TABLE pets MODIFY name INT', 'unknown', 'read it and decide'],
  ])('warns of %s', async (sql, word, advice) => {
    const done = await check(second(sql))
    expect(done).toMatchObject({ status: 'warning', ran: true })
    expect(done.message).toMatch(new RegExp(`^${word}: db/migrations/002_second\\.sql:1: `))
    expect(done.message).toContain(advice)
  })

  it('warns of an applied migration that was changed', async () => {
    const [path] = Object.keys(first)
    const done = await check({ before: first, after: { [path!]: 'create table cats (id int)' } })
    expect(done.status).toBe('warning')
    expect(done.message).toContain('put the old text back')
  })

  it('counts all of them where nobody knows what runs, and says so', async () => {
    const done = await check({
      before: null,
      after: { ...first, 'db/migrations/2.sql': 'drop table x' },
    })
    expect(done.status).toBe('failed')
    expect(done.message).toMatch(
      /^all migrations count, as what runs is not known \(gonogo adopt\): /,
    )
    expect(done.message).toContain('gonogo migrations --from none --to v2')
    const safe = await check({ before: null, after: first })
    expect(safe.message).toBe('all 1 migration (what runs now is not known): safe to apply')
  })

  it('is skipped without migrations, and says how to name them', async () => {
    const done = await check({ before: { 'a.txt': 'a' }, after: { 'b.txt': 'b' }, real: true })
    expect(done).toMatchObject({ status: 'skipped', ran: false })
    expect(done.message).toContain('migrations.paths in gonogo.yaml')
    expect(done.planned).toBeUndefined()
  })

  it('that could not look is no pass, and fails where it is required', async () => {
    const wanted = { before: first, after: { 'b.txt': 'b' }, adapt: unreadable }
    expect(await check(wanted)).toMatchObject({ status: 'warning', ran: false })
    const done = await check({ ...wanted, requirement: 'required' })
    expect(done).toMatchObject({ status: 'failed', ran: false, message: 'no clone; git fetch' })
  })

  it('says how to get the commit that runs, where it was never fetched', async () => {
    const { repository, migrations } = await migrationsRepository()
    const to = await repository.commit(first)
    const done = await checkOf({ migrations, from: 'd'.repeat(40), to }, {})
    expect(done).toMatchObject({ status: 'warning', ran: false })
    expect(done.message).toMatch(
      /^the migrations of dddddddddddd, which runs now, cannot be read: /,
    )
    expect(done.message).toContain(`git fetch origin ${'d'.repeat(40)}`)
  })

  it('adds what another linter sees where we saw nothing, and says when that one broke', async () => {
    const file = 'db/migrations/002_second.sql'
    const seen = { file, line: 1, statement: 's', effect: 'squawk: hm', advice: 'do it otherwise' }
    const sql = second('alter table pets add column born date')
    const found = await check({ ...sql, adapt: linting({ findings: [seen] }) })
    expect(found.status).toBe('warning')
    expect(found.details).toMatchObject({ findings: [{ kind: 'linted', revision: '002_second' }] })
    const known = await check({
      ...second('drop table pets'),
      adapt: linting({ findings: [seen] }),
    })
    expect(known.details).toMatchObject({ findings_total: 1 })
    const broken = await check({
      ...sql,
      adapt: linting({ problem: 'squawk did not end in time' }),
    })
    expect(broken.details).toMatchObject({
      notes: ['squawk 2.66.0 could not be used: squawk did not end in time'],
    })
  })

  it('keeps at most 20 findings, and counts all', async () => {
    const done = await check(second('drop table a;\n'.repeat(60)))
    expect(done.details.findings).toHaveLength(20)
    expect(done.details.findings_total).toBe(60)
  })
})
