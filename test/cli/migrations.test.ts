import { PassThrough } from 'node:stream'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { widthOf } from '../../src/cli/width.ts'
import type { MigrationsWanted } from '../../src/ports/migrations.ts'
import { repositoryAt } from '../../src/wiring.ts'
import { runInProcess } from '../docs/in-process.ts'
import type { AnyJson } from '../support/any-json.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import { directoryOf, processes } from '../setup/survey/tree.ts'

const later = `-- später
CREATE INDEX pets_name ON pets (name);
ALTER TABLE pets
  DROP COLUMN owner;
DO $$ BEGIN NULL; END $$;
`
let repository: Repository
let shas: { v1: string; v2: string }

beforeAll(async () => {
  repository = await makeRepository()
  const v1 = await repository.commit({
    'db/migrations/001_pets.sql': 'CREATE TABLE pets (id int, name text, owner text);\n',
  })
  await repository.git('tag', 'v1')
  shas = { v1, v2: await repository.commit({ 'db/migrations/002_owner.sql': later }) }
})
afterAll(() => repository.remove())

interface Answer {
  exit: number
  out: string
  err: string
  json: () => AnyJson
}

let opened: ReturnType<typeof remembering> | undefined

/** The repository as it is; what git once said of a commit is not asked again, because that costs the most. */
function remembering(directory: string, env: Record<string, string>) {
  const { source, migrations: reader } = repositoryAt(directory, env, new AbortController().signal)
  return {
    source: {
      ...source,
      resolve: once((ref: string) => source.resolve(ref)),
      defaultBranch: once(() => source.defaultBranch()),
    },
    migrations: {
      read: once((sha: string, wanted: MigrationsWanted) => reader.read(sha, wanted)),
      lint: once((sha: string, files: readonly string[]) => reader.lint(sha, files)),
    },
  }
}

function once<Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) {
  const known = new Map<string, Promise<Result>>()
  return (...args: Args): Promise<Result> => {
    const key = JSON.stringify(args)
    const answer = known.get(key) ?? act(...args)
    known.set(key, answer)
    return answer
  }
}

/** The command where there is no gonogo.yaml. */
async function migrations(args: string[] = [], cwd = repository.directory): Promise<Answer> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1' }
  const surface = {
    version: '0',
    env,
    cwd,
    out,
    err,
    interrupted: new AbortController().signal,
    processes: async () => processes,
    repository: async (directory: string) => (opened ??= remembering(directory, env)),
  } as unknown as Surface
  const exit = await runCli(['migrations', ...args], surface)
  const [stdout, stderr] = [out, err].map((stream) => String(stream.read() ?? ''))
  return { exit, out: stdout!, err: stderr!, json: () => JSON.parse(stdout!) }
}

describe('gonogo migrations', () => {
  it('says what would be applied, the worst first, and what it comes to', async () => {
    const { exit, out } = await migrations(['--from', 'v1'])
    expect(exit).toBe(1)
    const lines = out.split('\n')
    expect(lines.slice(0, 10)).toEqual([
      `Migrations in db/migrations (sql), from v1 to ${shas.v2.slice(0, 12)} (checked out)`,
      '1 would be applied: 002_owner',
      '',
      '  ✗ destructive   db/migrations/002_owner.sql:3  drop column',
      '                  ALTER TABLE pets DROP COLUMN owner',
      '                  effect: every value of pets.owner is lost',
      '                  safer: stop using it in one release, and drop it in a later one (expand and',
      '                  contract)',
      '                  the release before it no longer works afterwards',
      '',
    ])
    expect(out.indexOf('? unknown')).toBeLessThan(out.indexOf('! needs review'))
    expect(out).toContain('Destructive: 1 finding. Going back to v1 needs more than the code')
    expect(lines.filter((line) => widthOf(line) > 100)).toEqual([])
  })

  it('answers as one JSON object', async () => {
    const { exit, json } = await migrations(['--from', 'v1', '--to', shas.v2, '--json'])
    expect(exit).toBe(1)
    const answer = json()
    expect(Object.keys(answer).slice(0, 7)).toEqual([
      'schema_version',
      'framework',
      'heads',
      'revisions',
      'findings',
      'verdict',
      'code_only_rollback',
    ])
    expect(answer).toMatchObject({
      schema_version: 1,
      framework: 'sql',
      heads: ['002_owner'],
      revisions: ['002_owner'],
      verdict: 'destructive',
      code_only_rollback: false,
      directories: ['db/migrations'],
      from: shas.v1,
      to: shas.v2,
    })
    expect(answer.findings[0]).toEqual({
      revision: '002_owner',
      file: 'db/migrations/002_owner.sql',
      line: 3,
      kind: 'drop_column',
      verdict: 'destructive',
      statement: 'ALTER TABLE pets DROP COLUMN owner',
      effect: 'every value of pets.owner is lost',
      advice: 'stop using it in one release, and drop it in a later one (expand and contract)',
      breaks_old_release: true,
    })
  })

  it('ends with 0 where nothing speaks against it', async () => {
    const [none, same] = await Promise.all([
      migrations(['--to', 'v1', '--path', './db/migrations/']),
      migrations(['--from', 'v1', '--to', 'v1']),
    ])
    expect(none.exit).toBe(0)
    expect(none.out).toContain('all up to v1')
    expect(none.out).toContain('Safe to apply.')
    expect(none.out).toContain('note: name what runs with --from')
    expect(same).toMatchObject({
      exit: 0,
      out: expect.stringContaining('nothing would be applied'),
    })
    expect(same.out).toContain('Going back to v1 needs only the code.')
  })

  it('that cannot look says what to do next', async () => {
    const [gone, unknown, outside] = await Promise.all([
      migrations(['--path', 'nowhere']),
      migrations(['--from', 'v9']),
      migrations([], directoryOf({ 'a.txt': '' })),
    ])
    expect(gone).toMatchObject({
      exit: 2,
      err: expect.stringContaining('nowhere holds no migrations'),
    })
    expect(unknown).toMatchObject({ exit: 2, err: expect.stringContaining('did you mean "v1"') })
    expect(outside).toMatchObject({ exit: 2, err: expect.stringContaining('--project DIR') })
  })

  it('of a project starts from what production runs, and says so where nobody knows', async () => {
    const cwd = directoryOf({
      'gonogo.yaml': `project: pets\nrepository: ${repository.directory}\nenvironments: { staging: {}, production: {} }\n`,
    })
    const env = { PATH: process.env['PATH'], HOME: cwd, XDG_STATE_HOME: cwd, XDG_CONFIG_HOME: cwd }
    const unknown = await runInProcess(['migrations', '--json'], { cwd, env })
    expect(JSON.parse(unknown.stdout)).toMatchObject({
      from: null,
      revisions: ['001_pets', '002_owner'],
      notes: expect.arrayContaining([expect.stringContaining('nobody knows what production runs')]),
    })
    const adapted = await runInProcess(['migrations', '--json'], {
      cwd,
      env,
      adapt: (context) => ({
        ...context,
        pipeline: { current: async () => ({ sha: shas.v1, version: 'v1' }) } as never,
      }),
    })
    expect(JSON.parse(adapted.stdout)).toMatchObject({ from: shas.v1, revisions: ['002_owner'] })
  })
})
