import { expect, test } from 'vitest'
import type { Failure } from '../../src/core/failure.ts'
import { personLockId } from '../../src/core/lock.ts'
import {
  breakLock,
  lockStatuses,
  releaseEnvironment,
  reviewBreak,
  takeEnvironment,
} from '../../src/desk/locks.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import type { PlatformHolder, PlatformLock } from '../../src/ports/pipeline.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { approve, deploy, promote, release, rollBack, stage } from '../tools/support/journey.ts'

const ada = { kind: 'human', name: 'ada' } as const
const bob = { kind: 'human', name: 'bob' } as const
const reason = 'moving the database'

async function lockOf({ call }: World, environment = 'production') {
  const [status] = await lockStatuses(call, [environment])
  return status!
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  return await work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error: Failure) => error,
  )
}

test('refused callers are seen as a queue, oldest first, until they get in', async () => {
  const world = makeWorld()
  await validateDeployment.call({ environment: 'staging', git_ref: 'v2' }, world.call)
  await takeEnvironment(world.as(ada), 'staging', reason)
  await refusal(stageAgain(world, 'claude'))
  world.pass(1000)
  await refusal(stageAgain(world, 'codex'))
  world.pass(1000)
  const second = await refusal(stageAgain(world, 'claude'))
  expect(second).toMatchObject({
    code: 'environment_busy',
    retryable: true,
    details: { holder: 'human:ada', reason, waiting: 1, deployment_id: null },
  })
  expect(second.message).toMatch(
    /^staging is locked by human:ada \(moving the database, since 2030-.*Z\); 1 waits for it$/,
  )
  expect(second.hint).toContain('gonogo lock release staging')
  const { waiting } = await lockOf(world, 'staging')
  expect(waiting.map(({ waiter, reason: what }) => `${waiter} ${what}`)).toEqual([
    'agent:claude deploy v2',
    'agent:codex deploy v2',
  ])
  const { output } = await listDeployments.call({}, world.call)
  expect(output).toMatchObject({
    locks: [{ environment: 'staging', holder: 'human:ada', reason, waiting: 2 }],
  })
  await releaseEnvironment(world.as(ada), 'staging')
  await stageAgain(world, 'codex')
  const left = await lockOf(world, 'staging')
  expect(left.lock?.holder).toBe('agent:codex')
  expect(left.waiting.map(({ waiter }) => waiter)).toEqual(['agent:claude'])
  // Who does not come back is forgotten.
  world.pass(31 * 60_000)
  expect((await lockOf(world, 'staging')).waiting).toEqual([])
})

async function stageAgain(world: World, name: string) {
  return await deploy(world.as({ kind: 'agent', name }), 'v2', {})
}

test('dry runs and refusals by other gates wait for nothing', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  await takeEnvironment(world.as(ada), 'staging', reason)
  const { accepted } = await deploy(world.call, 'v1', { dry_run: true })
  expect(accepted).toMatch(/^no: staging is locked by human:ada/)
  expect((await lockOf(world, 'staging')).waiting).toEqual([])
})

test('the queue has a bound', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  await takeEnvironment(world.as(ada), 'staging', reason)
  await world.call.store.write(async ({ locks }) => {
    const now = world.call.runtime.now()
    for (let index = 0; index < 50; index += 1) {
      const times = { first_refused_at: now, last_refused_at: now }
      await locks.wait({ environment: 'staging', waiter: `agent:${index}`, reason: 'x', ...times })
    }
  })
  await refusal(deploy(world.call, 'v1'))
  expect((await lockOf(world, 'staging')).waiting).toHaveLength(50)
})

test('who took it deploys and keeps it; nobody else may give it back', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  await takeEnvironment(world.as(ada), 'staging', reason)
  const { deployment_id } = await deploy(world.as({ kind: 'automation', name: 'ada' }), 'v1')
  expect((await lockOf(world, 'staging')).lock).toMatchObject({
    deployment_id,
    lent_by: { holder: 'human:ada', reason },
  })
  await world.drive(String(deployment_id))
  expect((await lockOf(world, 'staging')).lock).toMatchObject({
    deployment_id: null,
    holder: 'human:ada',
    reason,
  })
  const notYours = await refusal(releaseEnvironment(world.as(bob), 'staging'))
  expect(notYours).toMatchObject({ code: 'not_permitted' })
  expect(notYours.message).toContain('human:ada (moving the database)')
  // An agent that calls itself ada is not ada.
  const agent = world.as({ kind: 'agent', name: 'ada' })
  expect((await refusal(releaseEnvironment(agent, 'staging'))).code).toBe('not_permitted')
  expect((await refusal(deploy(agent, 'v1'))).code).toBe('environment_busy')
  await releaseEnvironment(world.as(ada), 'staging')
  expect((await lockOf(world, 'staging')).lock).toBeNull()
  expect((await refusal(releaseEnvironment(world.as(ada), 'staging'))).message).toBe(
    'nobody holds staging',
  )
})

test("a rollback goes past a person's lock, says so to the approver, and gives it back", async () => {
  const world = makeWorld()
  await release(world, 'v1')
  await release(world, 'v2')
  await takeEnvironment(world.as(bob), 'production', reason)
  const asked = await rollBack(world.call, { environment: 'production' })
  const told = 'production is locked by human:bob (moving the database): the rollback goes past'
  expect(asked.warnings).toContainEqual(expect.stringContaining(told))
  await approve(world, asked.approval.id)
  const token = { approval_token: asked.approval.id }
  const { rollback_id } = await rollBack(world.call, { environment: 'production', ...token })
  expect((await lockOf(world)).lock).toMatchObject({ deployment_id: rollback_id })
  // Nobody else gets in beside it, and it is not lost either.
  expect((await refusal(takeEnvironment(world.as(ada), 'production', 'x'))).code).toBe(
    'environment_busy',
  )
  await world.drive(String(rollback_id))
  expect((await lockOf(world)).lock).toMatchObject({ deployment_id: null, holder: 'human:bob' })
  await stage(world, 'v3')
  expect((await refusal(promote(world.call, 'v3'))).code).toBe('environment_busy')
})

test('two people who take it at once: one does', async () => {
  const world = makeWorld()
  const tries = await Promise.allSettled(
    [ada, bob].map((who) => takeEnvironment(world.as(who), 'production', reason)),
  )
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('breaking shows whose lock it is and what goes on, and breaks only what was shown', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const { deployment_id } = await deploy(world.call, 'v1')
  const review = await reviewBreak(world.as(ada), 'staging')
  expect(review.warnings[0]).toMatch(
    new RegExp(`^this breaks the lock of agent:claude \\(deploy v1, ${deployment_id}, since`),
  )
  expect(review.warnings[1]).toContain('is under way and nobody drives it now')
  await world.call.store.write((tables) =>
    tables.deployments.claim({
      owner: 'keeper pid 7',
      now: world.call.runtime.now(),
      until: world.call.runtime.now() + 15_000,
      id: String(deployment_id),
    }),
  )
  expect((await reviewBreak(world.as(ada), 'staging')).warnings[1]).toContain(
    'keeper pid 7 drives it: it GOES ON',
  )
  await breakLock(world.as(ada), review)
  expect((await lockOf(world, 'staging')).lock).toBeNull()
  const lines = await world.call.audit.tail(2)
  expect(lines).toMatchObject([
    { operation: 'lock_break', user: 'human:ada', phase: 'intent', environment: 'staging' },
    { details: { holder: 'agent:claude', deployment_id }, success: true },
  ])
  await takeEnvironment(world.as(bob), 'staging', reason)
  expect((await refusal(breakLock(world.as(ada), review))).message).toContain('changed while')
  expect((await lockOf(world, 'staging')).lock?.holder).toBe('human:bob')
})

/** A platform that has one lock, as several machines see it. */
function platformLock(): PlatformLock & { held: PlatformHolder | null } {
  const lock = {
    held: null as PlatformHolder | null,
    holder: async () => lock.held,
    async take(holder: PlatformHolder) {
      if (lock.held && lock.held.id !== holder.id) return { held_by: lock.held, problem: null }
      lock.held = holder
      return { held_by: null, problem: null }
    },
    async release(_: string, id: string) {
      if (lock.held?.id === id) lock.held = null
    },
    problem: async () => null,
  }
  return lock
}

test('the lock is taken, released and broken on the platform, too', async () => {
  const world = makeWorld()
  const lock = platformLock()
  const pipeline = { ...world.pipeline, lock }
  const call = { ...world.as(ada), pipeline }
  await takeEnvironment(call, 'production', reason)
  expect(lock.held).toMatchObject({ environment: 'production', holder: 'human:ada', reason })
  await releaseEnvironment(call, 'production')
  expect(lock.held).toBeNull()
  lock.held = {
    environment: 'production',
    id: 'dep_of_another_machine',
    holder: 'agent:codex',
    reason: 'promote v7',
    since: 0,
  }
  const busy = await refusal(takeEnvironment(call, 'production', reason))
  expect(busy.message).toContain('locked on the platform by agent:codex (promote v7')
  // What could not be taken there is not held here either.
  const [status] = await lockStatuses(call, ['production'])
  expect(status).toMatchObject({ lock: null, platform: { id: 'dep_of_another_machine' } })
  const review = await reviewBreak(call, 'production')
  expect(review.warnings).toEqual([expect.stringContaining("it may be another machine's")])
  await breakLock(call, review)
  expect(lock.held).toBeNull()
})

test("a rollback leaves another machine's person lock on the platform where it is", async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  await stage(world, 'v2')
  const lock = platformLock()
  Object.assign(world.pipeline, { lock })
  const held = { environment: 'staging', holder: 'human:bob', reason, since: 0 }
  lock.held = { ...held, id: personLockId(held) }
  const { rollback_id } = await rollBack(world.call)
  expect(await world.drive(String(rollback_id))).toMatchObject({ status: 'success' })
  expect(lock.held).toMatchObject({ holder: 'human:bob' })
})
