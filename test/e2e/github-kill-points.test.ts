import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adopt } from '../../src/desk/adopt.ts'
import { titledWorkflow } from '../adapters/github/bench.ts'
import type { Hub, Scenario } from '../hub/hub.ts'
import { startHub } from '../hub/start.ts'
import { deadlyAt, gitHubPoints, killed } from '../support/kill-scenarios.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
  await shop.repository.commit({ '.github/workflows/cd.yml': titledWorkflow })
})
afterAll(() => shop.close())

interface Stage {
  project: SmallProject
  hub: Hub
  /** Requests so far that start a run, or end one. */
  sent(verb: 'dispatches' | 'cancel'): number
  /** Runs of this release do not get to their deployment. */
  hang(version: 'v1' | 'v2'): void
}

/** A project whose deployments are runs on a stand-in for GitHub of its own. */
async function onStage(
  approval: 'required' | 'none',
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const hanging = new Set<string>()
  const scenario: Scenario = ({ id, run }) => {
    const { sha = '' } = run.inputs
    if (id === 'deploy') project.live['production']!.claims = sha
    return { conclusion: 'success', durationMs: hanging.has(sha) ? 600_000 : 10 }
  }
  const hub = await startHub({ git: join(shop.repository.directory, '.git'), scenario })
  const project = await shop.project({ approval, configure: (config) => turnTo(hub, config) })
  project.env['GITHUB_TOKEN'] = hub.token
  const sent = (verb: string) =>
    hub.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(`/${verb}`)).length
  try {
    await work({ project, hub, sent, hang: (version) => void hanging.add(shop.shas[version]) })
    expect(hub.violations).toEqual([])
  } finally {
    await project.close()
    await hub.close()
  }
}

function turnTo({ repository, apiUrl }: Hub, config: SmallProject['config']): void {
  const { local: _, ...production } = config.environments['production']!
  const checks = { ...(production['checks'] as object), preflight: 'off' }
  Object.assign(config, {
    pipeline: 'github',
    github: { repository, api_url: apiUrl, workflow: 'cd.yml', lock: 'off' },
    environments: { production: { ...production, checks } },
  })
}

/** Asks for the release, and stays only until somebody was killed. */
async function promote({ project }: Stage, point: string): Promise<string> {
  const approval_token = await project.approved('v1')
  const gone = new AbortController()
  const asked = project.tool(
    'promote_to_production',
    { staging_version: 'v1', approval_token },
    { env: deadlyAt(project, point), signal: gone.signal },
  )
  await Promise.race([asked, killed(project)])
  gone.abort()
  await asked
  await killed(project)
  return approval_token
}

/** As if two minutes had passed since the one deployment was recorded: then nobody looks any longer. */
async function letItsTimePass({ project }: Stage): Promise<void> {
  const directory = join(project.root, 'state/github/runs')
  const [name] = await readdir(directory)
  const file = join(directory, name!)
  const record = JSON.parse(await readFile(file, 'utf8')) as { asked_at_here: number }
  await writeFile(
    file,
    JSON.stringify({ ...record, asked_at_here: record.asked_at_here - 120_000 }),
  )
}

async function expectFree({ project }: Stage, approvals: readonly string[]): Promise<void> {
  const { lock, states } = await project.within((call) =>
    call.store.read(async (tables) => ({
      lock: await tables.locks.get('production'),
      states: (await tables.approvals.list({ limit: 10 })).map(({ state }) => state),
    })),
  )
  expect(lock).toBeNull()
  expect(states).toEqual(approvals)
}

/** As often as `--watch` asks: a look at a deployment that nobody watches starts a process. */
async function ended({ project }: Stage): Promise<string[]> {
  const look = async () => {
    const { deployments } = await project.tool('list_deployments', {})
    const isOver = deployments.every(({ phase }) => phase === 'ended')
    return isOver ? deployments.map(({ status }) => status) : delay(1000).then(() => null)
  }
  return await until('every deployment to end', look, 50_000)
}

// Each process waits for others most of the time, so several projects at once cost little more.
describe.concurrent('killed once, with GitHub as the pipeline', () => {
  it('at github.intent-written: nothing was sent or will be, and the approval is as good as before', () =>
    onStage('required', async (stage) => {
      const approval_token = await promote(stage, gitHubPoints[1])
      await letItsTimePass(stage)
      expect(await ended(stage)).toEqual(['failure'])
      expect(stage.sent('dispatches')).toBe(0)
      await expectFree(stage, ['approved'])

      await stage.project.tool('promote_to_production', { staging_version: 'v1', approval_token })
      expect(await ended(stage)).toEqual(['success', 'failure'])
      expect(stage.sent('dispatches')).toBe(1)
      await expectFree(stage, ['consumed'])
    }))

  it('at github.dispatched: its run is followed, and nothing is sent again', () =>
    onStage('required', async (stage) => {
      await promote(stage, gitHubPoints[0])
      expect(await ended(stage)).toEqual(['success'])
      expect(stage.sent('dispatches')).toBe(1)
      await expectFree(stage, ['consumed'])
    }))

  it('at preempt.cancelled: the rollback goes on, and what it interrupts was ended before', () =>
    onStage('none', async (stage) => {
      const { project, hub } = stage
      project.live['production']!.claims = shop.shas.v1
      await project.within((call) => adopt(call, 'production', 'v1'))
      stage.hang('v2')
      await project.tool('promote_to_production', { staging_version: 'v2' })
      const wanted = { environment: 'production', reason: 'v2 hangs' }
      const env = deadlyAt(project, 'preempt.cancelled')
      await project.tool('rollback_deployment', wanted, { env })
      await killed(project)
      expect(await ended(stage)).toEqual(['success', 'cancelled', 'success'])
      await expectFree(stage, [])

      const order = hub.requests
        .filter(({ method, path }) => method === 'POST' && path.includes('/actions/'))
        .map(({ path }) => path)
      expect(order.map((path) => path.split('/').at(-1))).toEqual([
        'dispatches',
        'cancel',
        'dispatches',
      ])
    }))
})
