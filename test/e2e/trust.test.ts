import { afterAll, beforeAll, expect, it } from 'vitest'
import { policyTrust } from '../../src/tools/support/trust.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { runInTerminal } from '../support/terminal.ts'

let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project()
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const question = "Type the project's name to trust this policy: "

/** Types an answer to the question, as the person with the key. */
async function trustInTerminal(keys: string) {
  const { root: cwd, env } = project
  const typing = [{ after: question, keys: `${keys}\r` }]
  return await runInTerminal(['trust', '--key', shop.key], { cwd, env, typing })
}

it('pins the policy, stops production when it changes, and lets a person agree', async () => {
  const check = await project.gonogo(['trust', '--check', '--json'])
  expect(check.exitCode).toBe(6)
  expect(check.json()).toMatchObject({ schema_version: 1, state: 'never', approver: null })

  const mistyped = await trustInTerminal('production')
  expect(mistyped.exitCode).toBe(3)
  expect(mistyped.stdout).toContain('the policy of small was declined')

  const trusted = await trustInTerminal('small')
  expect(trusted).toMatchObject({ exitCode: 0 })
  expect(trusted.stdout).toContain('Trust the policy of small')
  expect(trusted.stdout).toContain('trusted as ada, level L0')
  const again = await project.gonogo(['trust', '--check'])
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('by ada, level L0') })

  // The approval that an assistant would like to do without.
  const id = await project.approved('v1')
  project.config.environments['production']!['approval'] = 'none'
  await project.save()
  const wanted = ['promote', 'v1', '--approval-token', id]
  const blocked = await project.gonogo(wanted)
  expect(blocked.exitCode).toBe(6)
  const line = 'environments.production.approval: required -> none'
  expect(blocked.stdout).toMatch(new RegExp(`policy_trusted.*gonogo trust.*${line}`))
  expect(await project.witnesses()).toEqual([])

  const unconfirmed = await project.gonogo(['trust', '--key', shop.key])
  expect(unconfirmed.exitCode).toBe(2)
  expect(unconfirmed.stderr).toContain(line)
  expect(unconfirmed.stderr).toContain(`--confirm small`)
  const agreed = await project.gonogo(['trust', '--key', shop.key, '--confirm', 'small', '--json'])
  expect(agreed.exitCode).toBe(0)
  expect(agreed.json()).toMatchObject({
    state: 'trusted',
    approver: 'ada',
    level: 'L0',
    changes: [{ path: 'environments.production.approval', from: 'required', to: 'none' }],
  })
  const next = await project.tool('promote_to_production', { staging_version: 'v1' })
  expect(['queued', 'in_progress']).toContain(next.status)
  expect(await project.ended()).toEqual(['success'])
})

it('does not take the consent to a deployment for trust in a policy', async () => {
  await project.within(async (call) => {
    const approval = (await call.store.read((tables) => tables.approvals.list({ limit: 1 })))[0]!
    const last = await call.store.read((tables) => tables.trustedPolicies.last())
    const forged = { ...last!, signature: approval.decisions[0]!.signature! }
    await call.store.write((tables) => tables.trustedPolicies.put(forged))
    expect(await policyTrust(call)).toEqual({
      state: 'invalid',
      problem: 'its signature: made for the namespace gonogo-approval, not gonogo-trust',
    })
  })
})
