import { describe, expect, it } from 'vitest'
import { deploymentReader } from '../../../src/cli/live/read-deployment.ts'
import { readOverview } from '../../../src/cli/live/read-overview.ts'
import { getDeploymentStatus } from '../../../src/tools/get-deployment-status.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { deploy, promote, stage } from '../../tools/support/journey.ts'

async function view({ call }: World, id: string) {
  const answer = await getDeploymentStatus.call({ deployment_id: id }, call)
  return await deploymentReader(call, id)(answer)
}

describe('what the live view reads', () => {
  it('of a first deployment: no usual time, and nothing runs there yet', async () => {
    const world = makeWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    const { deployment_id } = await deploy(world.call, 'v1')
    expect(await view(world, deployment_id!)).toMatchObject({
      phase: 'starting',
      usualMs: null,
      lane: [
        { name: 'staging', version: null, mark: 'changing', next: 'v1' },
        { name: 'production', version: null, mark: 'empty', next: null },
      ],
      watchedBy: 'keeper pid 7',
      endedAt: null,
    })
  })

  it('of one after others: how long they took, what runs, and every step done at the end', async () => {
    const world = makeWorld()
    const first = await stage(world, 'v1')
    const second = await stage(world, 'v2')
    const { usualMs, lane, steps, log } = await view(world, second.id)
    const took = [first, second].map((row) => row.completed_at! - row.created_at)
    expect(usualMs).toBe((took[0]! + took[1]!) / 2)
    expect(lane[0]).toEqual({ name: 'staging', version: 'v2', mark: 'proven', next: null })
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['done']))
    expect(log).toEqual(['step one', 'step two'])
  })

  it('of everything: what is under way and what waits, in one line of the audit log', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await validateDeployment.call({ environment: 'production', git_ref: 'v1' }, world.call)
    const { approval } = await promote(world.call, 'v1')
    await validateDeployment.call({ environment: 'staging', git_ref: 'v2' }, world.call)
    const { deployment_id } = await deploy(world.call, 'v2')
    const before = (await world.call.audit.tail(1000)).length
    const { underWay, waiting, lane } = await readOverview(world.call)
    expect(lane[0]).toMatchObject({ version: 'v1', next: 'v2' })
    expect(underWay).toMatchObject([{ id: deployment_id, what: 'deploy of v2 to staging' }])
    expect(waiting).toMatchObject([{ id: approval.id, what: 'promote v1 to production' }])
    await readOverview(world.call)
    expect(await world.call.audit.tail(1000)).toHaveLength(before + 1)
  })
})
