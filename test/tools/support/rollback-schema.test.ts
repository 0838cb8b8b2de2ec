import { describe, expect, it } from 'vitest'
import type { Deployment } from '../../../src/core/deployment.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { Migration, MigrationOperation, MigrationSet } from '../../../src/core/migration.ts'
import { schemaOutlook } from '../../../src/tools/support/rollback-schema.ts'
import { deployment } from '../../adapters/store/rows.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import { release } from '../../support/fake-ports.ts'

function migration(revision: string, kind?: MigrationOperation['kind']): Migration {
  const place = { line: 2, statement: 's', table: 'pets', name: 'name', facts: {} }
  const operations = kind ? [{ kind, ...place }] : []
  return { revision, file: `m/${revision}.sql`, parents: [], digest: revision, operations }
}

function set(...migrations: Migration[]): MigrationSet[] {
  return [{ framework: 'sql', directory: 'm', migrations }]
}

interface Case {
  /** The migrations of v1 and of v2; null: nobody can read the commits any more. */
  sets: [MigrationSet[], MigrationSet[]] | null
  /** After v1 was put there, the oldest first. */
  later?: Partial<Deployment>[]
}

const a = migration('a')

/** What the plan says of going back from v2 to v1. */
async function outlook({ sets, later = [] }: Case): Promise<string> {
  const world = makeWorld()
  const { call } = world
  if (sets === null) {
    world.migrations.read = async () => {
      throw new Failure({ code: 'source_unavailable', message: 'no clone', hint: 'git fetch' })
    }
  } else {
    world.migrations.sets.set(release('1').sha, sets[0])
    world.migrations.sets.set(release('2').sha, sets[1])
  }
  const common = { environment: 'production', status: 'success', run_id: 'run_1' } as const
  const rows = [{ release: release('1') }, ...later].map((row, index) =>
    deployment(`dep_${index}`, { ...common, created_at: index, ...row }),
  )
  await call.store.write(async (tables) => {
    for (const row of rows) await tables.deployments.insert(row)
  })
  const environment = fakeEnvironment('production')
  return await schemaOutlook(call, environment, release('2'), release('1'))
}

/** A deployment of v2 whose plan said this of its migrations. */
function planned(code_only_rollback: boolean | null, rest: Partial<Deployment> = {}) {
  const migrations = { framework: 'sql', revisions: ['b'], verdict: 'safe', code_only_rollback }
  return { release: release('2'), plan: JSON.stringify({ migrations }), ...rest }
}

describe('whether the release before can use the schema', () => {
  it.each([
    [
      'nothing is new',
      set(a),
      'the schema of v2 can be used by v1: no migration lies between them',
    ],
    [
      'nothing was taken away',
      set(a, migration('b', 'create_table')),
      'the schema of v2 can be used by v1: it can live with every migration between them',
    ],
    [
      'something was',
      set(a, migration('b', 'drop_column')),
      'v1 may not work on the schema of v2: m/b.sql:2: every value of pets.name is lost',
    ],
    [
      'nobody can tell',
      set(a, migration('b', 'unknown')),
      'whether v1 can use the schema that is there now is unknown: m/b.sql:2: unknown',
    ],
  ])('is said where %s', async (_, v2, expected) => {
    expect(await outlook({ sets: [set(a), v2] })).toBe(expected)
  })

  it('is unknown without migrations, and where nobody knows what runs', async () => {
    expect(await outlook({ sets: [[], []] })).toContain('no migrations were found')
    const { call } = makeWorld()
    const environment = fakeEnvironment('production')
    expect(await schemaOutlook(call, environment, null, release('1'))).toContain(
      'is unknown: what runs is not known',
    )
  })

  it('rests on the plans of what was deployed since, where the commits cannot be read', async () => {
    expect(await outlook({ sets: null, later: [planned(false)] })).toBe(
      'v1 may not work on the schema that is there now: the plan of dep_1 says that its migrations break the release before them',
    )
    expect(await outlook({ sets: null, later: [planned(null)] })).toMatch(
      /is unknown: so says the plan of dep_1, and the migrations cannot be read now \(no clone\)$/,
    )
    expect(await outlook({ sets: null, later: [planned(true)] })).toMatch(
      /is unknown: the migrations cannot be read now \(no clone\)$/,
    )
  })

  it('counts what a deployment may have left behind that failed', async () => {
    const failed = planned(false, { release: release('3'), status: 'failure' })
    const same: Case['sets'] = [set(a), set(a)]
    expect(await outlook({ sets: same, later: [{ release: release('2') }, failed] })).toContain(
      'v1 may not work on the schema that is there now: the plan of dep_2',
    )
    expect(await outlook({ sets: same, later: [planned(null)] })).toContain('the plan of dep_1')
    // Nothing ran, or it is older than the release to go back to.
    const never = { ...failed, run_id: null }
    expect(await outlook({ sets: same, later: [never] })).toContain('can be used by v1')
    const again = { release: release('1') }
    expect(await outlook({ sets: same, later: [failed, again] })).toContain('can be used by v1')
  })
})
