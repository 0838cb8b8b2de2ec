import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const promote = (version: string, token: string) => [
  'promote',
  version,
  '--approval-token',
  token,
  '--json',
]

const stateOf = (project: SmallProject, id: string) =>
  project.within((call) =>
    call.store.read(async (tables) => (await tables.approvals.get(id))?.state),
  )

describe.concurrent('two at once', () => {
  it('with the same approval start one deployment, and both hear of it', async () => {
    await shop.with({}, async (project) => {
      const token = await project.approved('v1')
      const answers = await Promise.all([1, 2, 3].map(() => project.gonogo(promote('v1', token))))
      const ids = answers.map(({ stdout }) => JSON.parse(stdout).deployment_id)
      expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
      expect(new Set(ids).size).toBe(1)
      expect(await project.ended()).toEqual(['success'])
      expect(await project.witnesses()).toEqual([`${ids[0]} prepare`, `${ids[0]} activate`])

      const later = await project.gonogo(promote('v1', token))
      expect(later.json()).toMatchObject({
        deployment_id: ids[0],
        warnings: expect.arrayContaining([expect.stringContaining('nothing new was started')]),
      })
      const other = await project.gonogo(promote('v2', token))
      expect(other).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('used before') })
      expect(await project.witnesses()).toHaveLength(2)
    })
  })

  it('with approvals of their own: one starts, the other hears who holds the lock', async () => {
    await shop.with({}, async (project) => {
      const release = await project.obstruct('hang', 'v1')
      const agent = { kind: 'agent', name: 'claude' } as const
      const mine = await project.approved('v1')
      const theirs = await project.approved('v1', { principal: agent })
      const promotion = { staging_version: 'v1', approval_token: theirs }
      const [first, second] = await Promise.allSettled([
        project.gonogo(promote('v1', mine)),
        project.tool('promote_to_production', promotion, { principal: agent }),
      ])
      if (first.status === 'rejected') throw first.reason
      const won = first.value.exitCode === 0
      const refusal = won ? (second as PromiseRejectedResult).reason : first.value.json().error
      const holder = (await project.tool('list_deployments', {})).deployments[0]!
      expect(refusal).toMatchObject({
        code: 'environment_busy',
        message: expect.stringContaining(holder.deployment_id),
        details: { holder: won ? expect.stringContaining('automation:') : 'agent:claude' },
      })
      expect(await stateOf(project, won ? mine : theirs)).toBe('consumed')
      expect(await stateOf(project, won ? theirs : mine)).toBe('approved')
      await release()
      expect(await project.ended()).toEqual(['success'])
      expect(await project.witnesses()).toHaveLength(2)
    })
  })
})

describe.concurrent('what was approved is not what is there any more', () => {
  it('refuses when the configuration was edited, and names it', async () => {
    await shop.with({}, async (project) => {
      const token = await project.approved('v1')
      const { evidence_hours: before } = project.config
      project.config.evidence_hours = 23
      await project.save()
      const { exitCode, stdout } = await project.gonogo(promote('v1', token))
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 4,
        stdout: expect.stringMatching(
          /the plan changed since .*: the configuration changed \(policy_hash\)"/,
        ),
      })
      expect(await stateOf(project, token)).toBe('approved')

      project.config.evidence_hours = before
      await project.save()
      expect(await project.gonogo(promote('v1', token))).toMatchObject({ exitCode: 0 })
      expect(await project.ended()).toEqual(['success'])
    })
  })

  it('blocks while staging reports another release than was deployed there', async () => {
    await shop.with({ environments: ['staging', 'production'] }, async (project) => {
      await project.tool('deploy_to_staging', { git_ref: 'v1' })
      expect(await project.ended()).toEqual(['success'])
      const token = await project.approved('v1')
      project.live['staging']!.claims = shop.shas.v3
      const { exitCode, stdout } = await project.gonogo(promote('v1', token))
      expect(exitCode).toBe(6)
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'blocked',
        blockers: [expect.stringMatching(/^runs_on_staging: staging reports [0-9a-f]+, but/)],
      })
      expect(await stateOf(project, token)).toBe('approved')
    })
  })
})
