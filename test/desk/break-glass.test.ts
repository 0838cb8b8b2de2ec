import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { Approval } from '../../src/core/approval.ts'
import { breakGlassNamed, listBreakGlass, reviewBreakGlass } from '../../src/desk/break-glass.ts'
import { getDeploymentStatus } from '../../src/tools/get-deployment-status.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { release as releaseOf } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { finding } from '../support/findings.ts'
import { deployment } from '../adapters/store/rows.ts'
import { approve, promote, release, rollBack } from '../tools/support/journey.ts'

const emergency = { break_glass: true, reason: 'login is down' }

async function requestOf({ call }: World, id: string): Promise<Approval> {
  return (await call.store.read((tables) => tables.approvals.get(id)))!
}

/** A hotfix that nobody staged, validated for production and put there by one approval. */
async function hotfix(world: World, version: string, key = 'ada') {
  await validateDeployment.call({ environment: 'production', git_ref: version }, world.call)
  const { approval } = await promote(world.call, version, emergency)
  await approve(world, approval.id, key)
  const token = { approval_token: approval.id }
  const { deployment_id } = await promote(world.call, version, { ...emergency, ...token })
  return await world.drive(String(deployment_id))
}

async function review(world: World, id: string, keyFile: string) {
  const call = world.as({ kind: 'human', name: keyFile })
  const one = await breakGlassNamed(call, id)
  return await reviewBreakGlass(call, one, { keyFile, comment: 'it was needed' })
}

const owed = async ({ call }: World) =>
  (await listBreakGlass(call, { open: true })).map(({ owed: one }) => one.deployment_id)

describe('a hotfix that skips staging', () => {
  it('wants a reason, an approval of its own kind, and says first what it goes around', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await validateDeployment.call({ environment: 'production', git_ref: 'v2' }, world.call)
    await expect(promote(world.call, 'v2', { break_glass: true })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: 'reason' },
    })
    expect((await promote(world.call, 'v2')).status).toBe('blocked')
    const asked = await promote(world.call, 'v2', emergency)
    expect(asked.status).toBe('waiting_approval')
    expect(asked.warnings[0]).toBe(
      'BREAK GLASS: goes around runs_on_staging, staging_smoke_tests; a review is owed afterwards: login is down',
    )
    const { request, plan } = await requestOf(world, asked.approval.id)
    expect(request).toMatchObject({
      kind: 'break_glass',
      overrides: ['break_glass'],
      reason: 'login is down',
    })
    expect(JSON.parse(plan)).toMatchObject({ skips: ['break_glass'], reason: 'login is down' })
    // An approval of it is worth nothing without the flag, nor an ordinary one with it.
    await approve(world, asked.approval.id)
    const token = { approval_token: asked.approval.id }
    expect((await promote(world.call, 'v2', token)).status).toBe('blocked')
  })

  it('takes one approval for a few minutes, however many are wanted else', async () => {
    const production = fakeEnvironment('production')
    const world = makeWorld({
      project: fakeProject({
        environments: [
          fakeEnvironment('staging'),
          { ...production, approvers: { ...production.approvers, count: 2 } },
        ],
      }),
    })
    expect(await hotfix(world, 'v1')).toMatchObject({ status: 'success', reason: 'login is down' })
    await validateDeployment.call({ environment: 'production', git_ref: 'v2' }, world.call)
    const { approval } = await promote(world.call, 'v2', emergency)
    await approve(world, approval.id)
    world.pass(11 * 60_000)
    const token = { approval_token: approval.id }
    await expect(promote(world.call, 'v2', { ...emergency, ...token })).rejects.toThrow('expired')
  })

  it('never skips what proves the release itself', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    const { blockers } = await promote(world.call, 'v2', emergency)
    expect(blockers).toEqual([
      expect.stringMatching(/^tests_passed: /),
      expect.stringMatching(/^security_scan: /),
    ])
    world.secrets.report = { ...world.secrets.report, findings: [finding('critical')] }
    await validateDeployment.call({ environment: 'production', git_ref: 'v2' }, world.call)
    expect((await promote(world.call, 'v2', emergency)).blockers).toEqual([
      expect.stringMatching(/^security_scan: /),
    ])
  })

  it('changes nothing in a dry run', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await validateDeployment.call({ environment: 'production', git_ref: 'v2' }, world.call)
    const { plan, accepted } = await promote(world.call, 'v2', { ...emergency, dry_run: true })
    expect(plan.skips).toEqual(['break_glass'])
    expect(accepted).toBe('not yet: a person has to approve')
    expect(await owed(world)).toEqual([])
    const open = await world.call.store.read((tables) =>
      tables.approvals.list({ states: ['open'], limit: 5 }),
    )
    expect(open).toEqual([])
  })
})

describe('the review', () => {
  it('is owed from the moment of the deployment, everywhere, until somebody else signs it', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    const { id } = await hotfix(world, 'v2')
    await world.drive(id)
    expect(await owed(world)).toEqual([id])
    const status = async () => {
      const answer = await getDeploymentStatus.call({ deployment_id: id }, world.call)
      return answer.output.deployment.review_owed
    }
    expect(await status()).toBe(true)
    const { output, summary } = await listDeployments.call({}, world.call)
    expect(output.reviews_owed).toEqual([id])
    expect(summary).toContain(`A review is owed: ${id}.`)
    await expect(review(world, id, 'ada')).rejects.toMatchObject({
      code: 'not_permitted',
      message: 'ada approved it, and others could review it',
    })
    await expect(review(world, id, 'mallory')).rejects.toMatchObject({ code: 'not_permitted' })
    expect(await review(world, id, 'bob')).toMatchObject({ deployment_id: id, reviewer: 'bob' })
    expect(await owed(world)).toEqual([])
    expect(await status()).toBeUndefined()
    // It stays in the record.
    const [kept] = await listBreakGlass(world.call, { open: false })
    expect(kept).toMatchObject({
      owed: { deployment_id: id, gates: ['runs_on_staging', 'staging_smoke_tests'] },
      review: { state: 'reviewed', reviewer: 'bob', comment: 'it was needed' },
      approved_by: ['ada'],
    })
    await expect(review(world, id, 'bob')).rejects.toThrow('was reviewed by bob')
    expect(await world.call.audit.tail(1)).toMatchObject([
      { operation: 'break_glass_review', success: true, correlation_id: id },
    ])
  })

  it('may be signed by who approved it where there is nobody else', async () => {
    const world = makeWorld()
    await world.approvers.remove('bob')
    const { id } = await hotfix(world, 'v1')
    expect(await review(world, id, 'ada')).toMatchObject({ reviewer: 'ada' })
  })

  it('is still owed when a row merely says "reviewed", or the signature is about another one', async () => {
    const world = makeWorld()
    const first = await hotfix(world, 'v1')
    await review(world, first.id, 'bob')
    const second = await hotfix(world, 'v2')
    const tamper = (text: string) => {
      const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
      database.exec(text)
      database.close()
    }
    tamper(
      `update reviews_owed set reviewed_by = 'bob', reviewed_at = 1 where deployment_id = '${second.id}'`,
    )
    expect(await owed(world)).toEqual([second.id])
    tamper(`update reviews_owed set
      review_statement = (select review_statement from reviews_owed where deployment_id = '${first.id}'),
      review_signature = (select review_signature from reviews_owed where deployment_id = '${first.id}')`)
    const [one] = await listBreakGlass(world.call, { open: true })
    expect(one?.review).toEqual({
      state: 'unverified',
      problem: 'it was signed about another deployment',
    })
    expect((await listDeployments.call({}, world.call)).output.reviews_owed).toEqual([second.id])
    await review(world, second.id, 'bob')
    expect(await owed(world)).toEqual([])
  })
})

describe('a rollback in an emergency', () => {
  const production = { environment: 'production', reason: 'v3 is worse' }

  it('may return to a release that is held, which is said and owes a review', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    await world.call.store.write((tables) =>
      tables.holds.insert({
        environment: 'production',
        ...releaseOf('1'),
        reason: 'leak',
        since: 0,
      }),
    )
    const named = { ...production, target_version: 'v1' }
    await expect(rollBack(world.call, named)).rejects.toThrow('is held after an earlier rollback')
    const asked = await rollBack(world.call, { ...named, break_glass: true })
    expect(asked.warnings[0]).toMatch(
      /^BREAK GLASS: goes around release_not_held; a review is owed/,
    )
    await approve(world, asked.approval.id)
    const token = { approval_token: asked.approval.id }
    const started = await rollBack(world.call, { ...named, ...token, break_glass: true })
    const ended = await world.drive(String(started.rollback_id))
    expect(ended).toMatchObject({ status: 'success', kind: 'rollback' })
    expect(await owed(world)).toEqual([ended.id])
  })

  it('may name a release that was here and never verified, and no other', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    world.probe.brokenStep = 'home'
    const failedHere = await hotfix(world, 'v2')
    world.probe.brokenStep = null
    await release(world, 'v3')
    const named = { ...production, target_version: 'v2' }
    await expect(rollBack(world.call, named)).rejects.toThrow('was never verified in this')
    const { warnings, plan } = await rollBack(world.call, {
      ...named,
      break_glass: true,
      dry_run: true,
    })
    expect(plan.skips).toEqual(['break_glass'])
    expect(warnings[0]).toContain('goes around verified_here')
    expect(failedHere.status).toBe('failure')
    const never = { ...production, target_version: 'v9', break_glass: true }
    await expect(rollBack(world.call, never)).rejects.toMatchObject({
      message: expect.stringMatching(/was never put into this environment|v9/),
    })
  })

  it('wants a trusted policy like any other', async () => {
    const strict = makeWorld({
      project: fakeProject({ approvals: { ...fakeProject().approvals, mode: 'strict' } }),
    })
    const ended = { environment: 'production', status: 'success', phase: 'ended' } as const
    await strict.call.store.write(async ({ deployments }) => {
      for (const [index, version] of ['1', '2'].entries()) {
        const more = { release: releaseOf(version), verified: true, created_at: index }
        await deployments.insert(deployment(`dep_${version}`, { ...ended, ...more }))
      }
    })
    const { blockers } = await rollBack(strict.call, { ...production, break_glass: true })
    expect(blockers).toEqual([expect.stringMatching(/^policy_trusted: /)])
  })
})

test('there is nothing to review for a deployment that went around nothing', async () => {
  const world = makeWorld()
  const { id } = await release(world, 'v1')
  await expect(breakGlassNamed(world.call, id)).rejects.toMatchObject({
    code: 'unknown_deployment',
  })
})
