import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/ports/context.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { makeWorld } from '../support/fake-context.ts'
import { deploy, release, stage } from './support/journey.ts'

async function list(call: Call, args: Record<string, unknown> = {}) {
  const { output } = await listDeployments.call(args, call)
  const { deployments, total_count } = output as {
    deployments: Record<string, unknown>[]
    total_count: number
  }
  return { versions: deployments.map(({ version }) => version), deployments, total_count }
}

describe('list_deployments', () => {
  it('shows the newest first, of every environment or of one', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await stage(world, 'v2')
    expect((await list(world.call)).versions).toEqual(['v2', 'v1', 'v1'])
    expect(await list(world.call, { environment: 'production' })).toMatchObject({
      versions: ['v1'],
      total_count: 1,
      deployments: [{ kind: 'promotion', environment: 'production', status: 'success' }],
    })
  })

  it('counts all that match, however few it shows', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    await stage(world, 'v3')
    expect(await list(world.call, { limit: 2 })).toMatchObject({
      versions: ['v3', 'v2'],
      total_count: 3,
    })
  })

  it('leaves failed ones out when asked to', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await validateDeployment.call({ environment: 'staging', git_ref: 'v2' }, world.call)
    world.pipeline.ends = 'failed'
    await world.drive(String((await deploy(world.call, 'v2')).deployment_id))
    expect((await list(world.call)).versions).toEqual(['v2', 'v1'])
    expect((await list(world.call, { include_failed: false })).versions).toEqual(['v1'])
  })

  it('gives deployments that nobody watches a keeper, unless it may not', async () => {
    const world = makeWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    const { deployment_id } = await deploy(world.call, 'v1')
    world.watched.length = 0
    await list({ ...world.call, readOnly: true })
    expect(world.watched).toEqual([])
    await list(world.call)
    expect(world.watched).toEqual([deployment_id])
  })

  it('is empty before the first deployment', async () => {
    const { call } = makeWorld()
    expect(await list(call)).toMatchObject({ deployments: [], total_count: 0 })
  })

  it.each([{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { environment: 'qa' }])(
    'refuses %j',
    async (args) => {
      const { call } = makeWorld()
      await expect(list(call, args)).rejects.toMatchObject({
        code: expect.stringMatching(/invalid_input|unknown_environment/),
      })
    },
  )
})
