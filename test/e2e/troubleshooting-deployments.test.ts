import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { symptom } from '../docs/symptom.ts'
import { adopt } from '../../src/desk/adopt.ts'
import type { Call, Context } from '../../src/ports/context.ts'
import { promoteToProduction } from '../../src/tools/promote-to-production.ts'
import { keep } from '../../src/workers/keeper.ts'
import type { EnvironmentConfig, SmallConfig } from '../support/small-config.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

/** Approvals are a matter of other rows. */
const unguarded = (change: (production: EnvironmentConfig) => void = () => undefined) => ({
  approval: 'none' as const,
  configure: ({ environments }: SmallConfig) => change(environments['production']!),
})

function full({ local }: EnvironmentConfig): void {
  local.activate[0]!.run = ['sh', '-c', 'echo the disk is full; exit 1']
}

function smokeOnly(production: EnvironmentConfig): void {
  Object.assign(production, { version: undefined, health: {} })
}

const pair = { environments: ['staging', 'production'], approval: 'none' as const }

async function started(project: SmallProject, version = 'v1'): Promise<string> {
  const wanted = { staging_version: version }
  return (await project.tool('promote_to_production', wanted)).deployment_id!
}

/** Starts a deployment whose last step does not end, and waits until it is there. */
async function hanging(
  project: SmallProject,
): Promise<{ id: string; release: () => Promise<void> }> {
  const release = await project.obstruct('hang', 'v1')
  const id = await started(project)
  await until('the last step', async () => (await project.witnesses()).includes(`${id} activate`))
  return { id, release }
}

/** Whether somebody who is there drives it. */
const isLeased = (project: SmallProject, id: string) =>
  project.within(async ({ store, keepers }) => {
    const row = await store.read((tables) => tables.deployments.get(id))
    return row!.lease_owner !== null && (await keepers.mayLive(row!.lease_owner))
  })

/** Nobody drives what is started: as if the machine had been switched off. */
const unwatched = (context: Context): Context => ({
  ...context,
  keepers: { ...context.keepers, start: async () => 'nobody' },
})

const adopted = (project: SmallProject, environment: string, version: 'v1' | 'v2') =>
  project.within(async (call) => {
    project.live[environment]!.claims = shop.shas[version]
    await adopt(call, environment, version)
  })

describe('before a promotion', () => {
  symptom('not-on-staging', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with(pair, async (project) => {
      await adopted(project, 'staging', 'v1')
      saw((await gonogo(project, ['promote', 'v2', '--yes'])).text)
      await look(project, { VERSION: 'v2' })
      await adopted(project, 'staging', 'v2')
      await lookAgain(project, { VERSION: 'v2' })
    })
  })

  symptom('not-smoke-tested', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(pair, async (project) => {
      await adopted(project, 'staging', 'v1')
      saw((await gonogo(project, ['promote', 'v1', '--yes'])).text)
      await look(project, { VERSION: 'v1' })
      await fix(project, 'gonogo smoke staging')
      await lookAgain(project, { VERSION: 'v1' })
    })
  })

  symptom('smoke-not-kept', async ({ saw, look, lookAgain, fix }) => {
    await shop.with(pair, async (project) => {
      project.live['staging']!.claims = shop.shas.v1
      saw(await look(project))
      await fix(project, 'gonogo adopt staging VERSION', { VERSION: 'v1' })
      await lookAgain(project)
    })
  })

  symptom('drift', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(unguarded(), async (project) => {
      await adopted(project, 'production', 'v1')
      project.live['production']!.claims = shop.shas.v2
      saw((await gonogo(project, ['smoke', 'production'])).text)
      await look(project, { VERSION: 'v3' })
      await fix(project, 'gonogo adopt production VERSION', { VERSION: 'v2' })
      await lookAgain(project, { VERSION: 'v3' })
    })
  })

  symptom('no-rollback-target', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(unguarded(), async (project) => {
      const rollback = ['rollback', 'production', '--reason', 'errors', '--yes']
      saw((await gonogo(project, rollback)).text)
      await look(project)
      project.live['production']!.claims = shop.shas.v1
      await fix(project, 'gonogo adopt production VERSION', { VERSION: 'v1' })
      await lookAgain(project)
    })
  })
})

describe.concurrent('a deployment', () => {
  symptom('environment-busy', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with(unguarded(), async (project) => {
      const { release } = await hanging(project)
      saw((await gonogo(project, ['promote', 'v2', '--yes'])).text)
      await look(project)
      await release()
      await project.ended()
      await lookAgain(project)
    })
  })

  symptom('nobody-watches', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(unguarded(), async (project) => {
      const { id, release } = await hanging(project)
      const { watched_by } = await project.tool('get_deployment_status', { deployment_id: id })
      process.kill(Number(/\d+/.exec(watched_by!)), 'SIGKILL')
      const readOnly = { adapt: (context: Context) => ({ ...context, readOnly: true }) }
      saw((await gonogo(project, ['list'], readOnly)).text)
      await look(project)
      const again = await fix(project, 'gonogo status dep_…', { 'dep_…': id })
      expect(again.text).toMatch(/watched by keeper pid \d+/)
      await until('the new keeper to take over', () => isLeased(project, id))
      await lookAgain(project)
      await release()
      expect(await project.ended()).toEqual(['success'])
    })
  })

  symptom('step-failed', async ({ gonogo, saw, look }) => {
    await shop.with(unguarded(full), async (project) => {
      const id = await started(project)
      await project.ended()
      saw((await gonogo(project, ['status', id])).text)
      expect(await look(project, { 'dep_…': id })).toContain('| the disk is full')
    })
  })

  symptom('smoke-failed', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with(unguarded(smokeOnly), async (project) => {
      const live = project.live['production']!
      live.mood = 'ill'
      const id = await started(project)
      await project.ended()
      saw((await gonogo(project, ['status', id])).text)
      await look(project)
      live.mood = 'well'
      await lookAgain(project)
    })
  })

  symptom('outcome-unknown', async ({ gonogo, saw, look }) => {
    await shop.with(unguarded(), async (project) => {
      const { id } = await hanging(project)
      const claim = await readFile(join(project.root, 'state/runs', id, 'claim.json'), 'utf8')
      process.kill((JSON.parse(claim) as { pid: number }).pid, 'SIGKILL')
      expect(await project.ended()).toEqual(['outcome_unknown'])
      saw((await gonogo(project, ['list'])).text)
      await look(project, { 'dep_…': id })
    })
  })

  symptom('configuration-changed', async ({ gonogo, saw, look }) => {
    await shop.with(unguarded(), async (project) => {
      const promote = ['promote', 'v1', '--yes', '--json']
      const late = { adapt: (context: Context) => hasty(unwatched(context)) }
      const { stdout } = await gonogo(project, promote, late)
      const { deployment_id } = JSON.parse(stdout) as { deployment_id: string }
      project.config['evidence_hours'] = 23
      await project.save()
      expect(await project.ended()).toEqual(['failure'])
      saw((await gonogo(project, ['status', deployment_id])).text)
      await look(project, { 'dep_…': deployment_id })
    })
  })

  symptom('other-version-answers', async ({ gonogo, saw, look }) => {
    await shop.with(unguarded(), async (project) => {
      project.live['production']!.claims = shop.shas.v2
      const id = await project.within((call) => driven(hasty(unwatched(call)) as Call))
      saw((await gonogo(project, ['status', id])).text)
      await look(project, { 'dep_…': id })
    })
  })

  symptom('held-release', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(unguarded(), async (project) => {
      await adopted(project, 'production', 'v1')
      project.live['production']!.claims = null
      await started(project, 'v2')
      await project.ended()
      await gonogo(project, ['rollback', 'production', '--reason', 'bad', '--yes'])
      await project.ended()
      saw((await gonogo(project, ['promote', 'v2', '--yes'])).text)
      expect(await look(project)).toMatch(/production +v2 +bad/)
      await fix(project, 'gonogo hold lift production VERSION', { VERSION: 'v2' })
      await lookAgain(project)
    })
  })
})

/** A clock on which short waits take next to no time: a live system gets half a minute to come up. */
function hasty<C extends Context>(context: C): C {
  let ahead = 0
  const { runtime: real } = context
  const runtime: C['runtime'] = {
    ...real,
    now: () => real.now() + ahead,
    async sleep(ms, signal) {
      // The renewal of a lease waits for its work to end.
      if (ms > 1000) return await real.sleep(ms, signal)
      await real.sleep(ms / 100, signal)
      ahead += ms
    },
  }
  return { ...context, runtime }
}

/** Deploys v1 and drives it to its end in this process. */
async function driven(call: Call): Promise<string> {
  const { output } = await promoteToProduction.call({ staging_version: 'v1' }, call)
  const id = String(output.deployment_id)
  const lease = { owner: await call.keepers.self(), ms: 3_600_000 }
  expect(await keep(call, lease, id, () => undefined)).toBe('ended')
  return id
}
