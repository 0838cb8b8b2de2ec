import { expect, it } from 'vitest'
import { decideReview, listReviews, waitingReview } from '../../src/desk/review.ts'
import type { PendingReview, PipelineReviews, ReviewDecision } from '../../src/ports/pipeline.ts'
import { deployment } from '../adapters/store/rows.ts'
import { makeWorld } from '../support/fake-context.ts'

const pending: PendingReview = {
  environment: 'production-eu',
  reviewers: ['ada', 'team:ops'],
  url: 'https://github.example/acme/clinic/actions/runs/7',
}

/** Two deployments under way: the run of the first one waits. */
async function waiting(reviewer: () => Promise<{ reviewer: string }>) {
  const world = makeWorld()
  const decisions: ReviewDecision[] = []
  const reviews: PipelineReviews = {
    pending: async ({ id }) => (id === 'dep_waits' ? [pending] : []),
    given: async () => [],
    decide: async (_, decision) => {
      decisions.push(decision)
      return await reviewer()
    },
  }
  const call = { ...world.call, pipeline: { ...world.pipeline, reviews } }
  const row = { phase: 'running', status: 'waiting_approval', run_id: '7' } as const
  await call.store.write(async (tables) => {
    await tables.deployments.insert(deployment('dep_waits', row))
    await tables.deployments.insert(deployment('dep_goes_on', { ...row, status: 'in_progress' }))
    await tables.deployments.insert(deployment('dep_over', { ...row, status: 'success' }))
  })
  return { call, decisions }
}

const decision = { verdict: 'approved', comment: 'seen\nin staging', token: 'ghp_secret' } as const

it('shows whose run waits, and is written down with who reviewed, without the token', async () => {
  const { call, decisions } = await waiting(async () => ({ reviewer: 'ada' }))
  const { waiting: found, problem } = await listReviews(call)
  expect(problem).toBeNull()
  expect(found.map(({ deployment: { id }, reviews }) => [id, reviews])).toEqual([
    ['dep_waits', [pending]],
  ])

  const reviewed = await decideReview(call, await waitingReview(call, 'dep_waits'), decision)

  expect(reviewed).toMatchObject({ deployment_id: 'dep_waits', reviewer: 'ada' })
  expect(decisions).toEqual([{ ...decision, comment: 'seen in staging' }])
  const [intent, result] = await call.audit.tail(2)
  const details = { verdict: 'approved', comment: 'seen in staging', run_id: '7' }
  const line = { operation: 'review', correlation_id: 'dep_waits' }
  expect(intent).toMatchObject({ ...line, phase: 'intent', details })
  expect(result).toMatchObject({ ...line, success: true, details: { ...details, reviewer: 'ada' } })
  expect(JSON.stringify([intent, result])).not.toContain('ghp_secret')
})

it('that fails is written down as failed', async () => {
  const { call } = await waiting(() => Promise.reject(new Error('not a reviewer')))
  const found = await waitingReview(call, 'dep_waits')
  await expect(decideReview(call, found, decision)).rejects.toThrow('not a reviewer')
  expect((await call.audit.tail(1))[0]).toMatchObject({ phase: 'result', success: false })
})

it.each([
  ['dep_goes_on', 'unknown_approval', 'dep_goes_on waits for no review (it is in_progress)'],
  ['dep_over', 'unknown_approval', 'dep_over waits for no review (it is success)'],
  ['dep_none', 'unknown_deployment', 'there is no deployment "dep_none"'],
])('there is none for %s', async (id, code, message) => {
  const { call } = await waiting(async () => ({ reviewer: 'ada' }))
  await expect(waitingReview(call, id)).rejects.toMatchObject({ code, message })
})

it('a pipeline without reviews has none', async () => {
  const { call } = makeWorld()
  expect(await listReviews(call)).toEqual({ waiting: [], problem: null })
  await expect(waitingReview(call, 'dep_waits')).rejects.toMatchObject({
    code: 'no_pipeline_configured',
    message: 'the pipeline "fake" never waits for a review',
  })
})
