import { describe, expect, it } from 'vitest'
import type { Approval, Decision, DecisionStatement } from '../../../src/core/approval.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { Failure } from '../../../src/core/failure.ts'
import { judgeDecisions } from '../../../src/desk/report/decisions.ts'
import type { PlatformApprovals, PlatformDecision } from '../../../src/ports/platform-approvals.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { promote, stage } from '../../tools/support/journey.ts'

const comment: PlatformDecision = {
  login: 'Ada-GH',
  verdict: 'approved',
  reason: null,
  url: 'https://git.test/issues/1#comment-2',
  at: Date.parse('2030-01-01T00:00:00Z'),
  problem: null,
}

/** A request that a login approved, and a platform that says this about it now. */
async function approvedByLogin(decisions: PlatformApprovals['decisions'] | null) {
  const people = { ada: { signers: [], github: ['ada-gh'], users: [] } }
  const project = fakeProject({ approvals: { ...fakeProject().approvals, people } })
  const world = makeWorld({ project })
  await stage(world, 'v1')
  const { approval: asked } = await promote(world.call, 'v1')
  const stored = await world.call.store.read((tables) => tables.approvals.get(asked.id))
  const { request } = stored!
  const statement: DecisionStatement = {
    format: 'gonogo-decision-v1',
    verdict: 'approved',
    request,
    reason: null,
    code_sha256: null,
    decided_at: '2030-01-01T00:00:00.000Z',
  }
  const decision: Decision = {
    id: 'dec_1',
    approval_id: request.id,
    verdict: 'approved',
    method: 'github_login',
    person: 'somebody',
    identity: 'ada-gh',
    level: 'L2',
    statement: canonicalJson(statement),
    signature: null,
    url: comment.url,
    decided_at: comment.at,
  }
  const approval: Approval = { ...stored!, decisions: [decision] }
  const platformApprovals = decisions && ({ decisions } as PlatformApprovals)
  const [judged] = await judgeDecisions({ ...world.call, platformApprovals }, approval)
  return judged!
}

async function silent(): Promise<never> {
  throw new Failure({ code: 'pipeline_unavailable', message: 'no answer', hint: 'wait' })
}

describe('what a login said', () => {
  it('is verified when it is there still, and is the word of the listed person', async () => {
    expect(await approvedByLogin(async () => [comment])).toMatchObject({
      proof: 'verified',
      person: 'ada',
      problem: null,
    })
  })

  it('is contradicted when it was edited, turned round or is by another login', async () => {
    for (const change of [
      { problem: 'it was edited' },
      { verdict: 'rejected' as const },
      { login: 'eve' },
    ]) {
      const judged = await approvedByLogin(async () => [{ ...comment, ...change }])
      expect(judged.proof, JSON.stringify(change)).toBe('contradicted')
    }
  })

  it('is not told as verified when it is gone, or nobody can be asked', async () => {
    expect(await approvedByLogin(async () => [])).toMatchObject({
      proof: 'unproven',
      problem: expect.stringContaining('can no longer be found'),
    })
    expect(await approvedByLogin(null)).toMatchObject({
      proof: 'unproven',
      problem: expect.stringContaining('no platform is configured'),
    })
    expect(await approvedByLogin(silent)).toMatchObject({
      proof: 'unproven',
      problem: expect.stringContaining('no answer'),
    })
  })
})
