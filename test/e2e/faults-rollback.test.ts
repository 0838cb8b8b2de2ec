import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adopt } from '../../src/desk/adopt.ts'
import { processesOf } from '../support/processes-of.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const unguarded = { approval: 'none' } as const

const rollback = ['rollback', 'production', '--reason', 'it is bad', '--yes', '--json']
const promote = (version: string) => ['promote', version, '--yes', '--json']

/** Production runs v1 and says so itself, as before gonogo came. */
async function adoptFirst(project: SmallProject): Promise<void> {
  project.live['production']!.claims = shop.shas.v1
  await project.within((call) => adopt(call, 'production', 'v1'))
  project.live['production']!.claims = null
}

/** Starts a promotion whose last step does not end, and resolves to its id when it is there. */
async function hangIn(project: SmallProject, version: string): Promise<string> {
  await project.obstruct('hang', version)
  const { deployment_id } = (await project.gonogo(promote(version))).json()
  await until('the last step to run', async () =>
    (await project.witnesses()).includes(`${deployment_id} activate`),
  )
  return String(deployment_id)
}

describe.concurrent('a rollback', () => {
  it('fails when there is nothing to go back to', async () => {
    await shop.with(unguarded, async (project) => {
      const nothing = await project.gonogo(rollback)
      expect(nothing.exitCode).toBe(1)
      expect(nothing.json().error).toMatchObject({
        code: 'no_rollback_target',
        message: expect.stringContaining('no deployment to this environment was ever verified'),
      })

      await project.gonogo(promote('v1'))
      await project.ended()
      const alone = await project.gonogo(rollback)
      expect(alone.json().error).toMatchObject({ code: 'no_rollback_target' })
      expect(await project.witnesses()).toHaveLength(2)
    })
  })

  it('ends a running deployment, with its processes, and puts the last verified release back', async () => {
    await shop.with(unguarded, async (project) => {
      await adoptFirst(project)
      const interrupted = await hangIn(project, 'v2')
      const { rollback_id, ...answer } = (await project.gonogo(rollback)).json()
      expect(answer).toMatchObject({ from_version: 'v2', to_version: 'v1' })
      expect(await project.ended()).toEqual(['success', 'cancelled', 'success'])
      await project.idle()

      const status = await project.gonogo(['status', interrupted, '--json'])
      expect(status.json()).toMatchObject({
        deployment: { status: 'cancelled' },
        failure: { phase: 'running', cause: `interrupted by ${rollback_id}` },
      })
      const current = join(project.root, 'production/current/app.txt')
      expect(await readFile(current, 'utf8')).toBe('v1\n')
      expect(await project.gonogo(['hold', 'list', '--json'])).toMatchObject({
        stdout: expect.stringMatching(/"version": "v2",\s+"reason": "it is bad"/),
      })
      // Nothing of it stands in the way of the next one.
      expect(await project.gonogo(promote('v3'))).toMatchObject({ exitCode: 0 })
      expect((await project.ended())[0]).toBe('success')
    })
  })

  it('is joined when it is asked for again, and not interrupted by somebody else', async () => {
    await shop.with(unguarded, async (project) => {
      await adoptFirst(project)
      await hangIn(project, 'v2')
      const release = await project.obstruct('hang', 'v1')
      const { rollback_id } = (await project.gonogo(rollback)).json()
      const again = await project.gonogo(rollback)
      expect(again.json()).toMatchObject({ rollback_id, from_version: 'v2', to_version: 'v1' })
      const theirs = { environment: 'production', reason: 'mine is better' }
      const principal = { kind: 'agent', name: 'claude' } as const
      await expect(
        project.tool('rollback_deployment', theirs, { principal }),
      ).rejects.toMatchObject({
        code: 'environment_busy',
        details: { deployment_id: rollback_id },
      })
      await release()
      expect(await project.ended()).toEqual(['success', 'cancelled', 'success'])
    })
  })

  it('holds the release left behind until a person lifts the hold', async () => {
    await shop.with(unguarded, async (project) => {
      await adoptFirst(project)
      await project.gonogo(promote('v2'))
      await project.ended()
      await project.gonogo(rollback)
      expect(await project.ended()).toEqual(['success', 'rolled_back', 'success'])

      const lift = 'gonogo hold lift production v2'
      const blocked = await project.gonogo(promote('v2'))
      expect(blocked.exitCode).toBe(6)
      expect(blocked.json()).toMatchObject({
        status: 'blocked',
        deployment_id: null,
        blockers: [expect.stringContaining(lift)],
      })
      expect(await project.gonogo(lift.split(' ').slice(1))).toMatchObject({ exitCode: 0 })
      expect(await project.gonogo(promote('v2'))).toMatchObject({ exitCode: 0 })
      expect((await project.ended())[0]).toBe('success')
      await project.idle()
      expect(await processesOf(project.root)).toEqual([])
    })
  })
})

describe.concurrent('a rollback that a person approved', () => {
  it('is the same one when its approval is used again, also after its end', async () => {
    await shop.with({}, async (project) => {
      await adoptFirst(project)
      const token = await project.approved('v2')
      await project.tool('promote_to_production', { staging_version: 'v2', approval_token: token })
      await project.ended()

      const reason = 'it is bad'
      const input = { environment: 'production', reason }
      const { approval } = await project.tool('rollback_deployment', input)
      await project.sign(approval.id)
      const approved = { ...input, approval_token: approval.id }
      const { rollback_id } = await project.tool('rollback_deployment', approved)
      expect(await project.ended()).toEqual(['success', 'rolled_back', 'success'])

      expect(await project.tool('rollback_deployment', approved)).toMatchObject({
        rollback_id,
        warnings: expect.arrayContaining([expect.stringContaining('nothing new was started')]),
      })
      expect(await project.witnesses()).toHaveLength(4)
    })
  })
})
