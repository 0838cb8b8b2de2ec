import { expect, test } from 'vitest'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Failure } from '../../src/core/failure.ts'
import type { AuditLog } from '../../src/ports/audit-log.ts'
import { liftStops, reviewLift, stopTheLine } from '../../src/desk/line-stop.ts'
import { lineState, refuseWhenStopped } from '../../src/tools/support/line.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { approve, deploy, promote, release, rollBack, stage } from '../tools/support/journey.ts'

const ada = { kind: 'human', name: 'ada' } as const
const reason = 'orders are lost'

async function lift(world: World, keyFile = 'ada') {
  const desk = world.as({ kind: 'human', name: keyFile })
  return await liftStops(desk, await reviewLift(desk), { keyFile, reason: 'found it' })
}

/** What somebody with a database client could do. */
function tamper(world: World, statement: string): void {
  const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
  database.exec(statement)
  database.close()
}

test('it stops promotions, whatever was approved, and neither staging nor rollbacks', async () => {
  const world = makeWorld()
  await release(world, 'v1')
  await stage(world, 'v2')
  const { approval } = await promote(world.call, 'v2')
  await approve(world, approval.id)
  world.pass(1000)
  await stopTheLine(world.as(ada), reason)
  const token = { approval_token: approval.id }
  const blocked = await promote(world.call, 'v2', token)
  expect(blocked).toMatchObject({ status: 'blocked', deployment_id: null })
  expect(blocked.blockers).toEqual([
    'line_running: the line is stopped (human:ada: orders are lost); an approver lifts it with: gonogo stop-the-line --lift',
  ])
  // Nor does an emergency go around it.
  const emergency = { break_glass: true, reason: 'now' }
  expect((await promote(world.call, 'v2', emergency)).blockers).toEqual(blocked.blockers)
  expect((await deploy(world.call, 'v2')).status).toBe('queued')
  const { output } = await listDeployments.call({}, world.call)
  expect(output.line_stopped).toContain('orders are lost')
  const { deployments } = (await listDeployments.call({}, world.call)).output
  await world.drive(deployments[0]!.deployment_id)
  const back = await rollBack(world.call, { environment: 'staging', target_version: 'v1' })
  expect(back.status).toBe('queued')
})

test("an approver's signature lifts it; what was stopped meanwhile holds on", async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  expect(await lineState(world.call)).toEqual({ state: 'never' })
  await stopTheLine(world.as(ada), reason)
  const review = await reviewLift(world.as(ada))
  world.pass(1000)
  await stopTheLine(world.as({ kind: 'human', name: 'carol' }), 'and another thing')
  await liftStops(world.as(ada), review, { keyFile: 'ada', reason: null })
  expect(await lineState(world.call)).toMatchObject({
    state: 'stopped',
    stops: [{ reason: 'and another thing' }],
    problem: null,
  })
  world.pass(1000)
  expect(await lift(world, 'bob')).toMatchObject({ approver: 'bob' })
  expect(await lineState(world.call)).toMatchObject({ state: 'running', lifted_by: 'bob' })
  const { status, plan } = await promote(world.call, 'v1', { dry_run: true })
  expect(status).toBe('dry_run')
  expect(plan.checks).toContainEqual({
    name: 'line_running',
    requirement: 'required',
    status: 'passed',
  })
  const lines = await world.call.audit.tail(50)
  const done = lines.filter(
    ({ phase, operation }) => phase === 'result' && operation.startsWith('line_'),
  )
  expect(done.map(({ operation, user }) => `${operation} ${user}`)).toEqual([
    'line_stop human:ada',
    'line_stop human:carol',
    'line_lift human:ada',
    'line_lift human:bob',
  ])
  const again = (await lift(world).catch((error: unknown) => error)) as Failure
  expect(again).toMatchObject({ code: 'invalid_input' })
})

test('a key of nobody lifts nothing, and in strict mode neither does a weak one', async () => {
  const world = makeWorld()
  await stopTheLine(world.as(ada), reason)
  await expect(lift(world, 'mallory')).rejects.toMatchObject({ code: 'not_permitted' })
  const strict = makeWorld({
    project: fakeProject({ approvals: { ...fakeProject().approvals, mode: 'strict' } }),
  })
  strict.approvers.protected = false
  await stopTheLine(strict.as(ada), reason)
  await expect(lift(strict)).rejects.toThrow('the signature of ada reaches L0 here')
  expect((await lineState(strict.call)).state).toBe('stopped')
})

test('a row that merely says "lifted" lifts nothing, and an approver can still lift it', async () => {
  const world = makeWorld()
  await stopTheLine(world.as(ada), reason)
  tamper(world, `update line_stops set lifted_by = 'ada', lifted_at = 1`)
  expect((await lineState(world.call)).state).toBe('stopped')
  tamper(world, `update line_stops set lift_statement = '{}', lift_signature = 'ada signed x'`)
  expect(await lineState(world.call)).toMatchObject({
    state: 'stopped',
    problem: 'what is stored is no statement that lifts a stop',
  })
  world.pass(1000)
  await lift(world)
  expect((await lineState(world.call)).state).toBe('running')
})

test('an old lift lifts no later stop, and none of another project', async () => {
  const world = makeWorld()
  await stopTheLine(world.as(ada), reason)
  await lift(world)
  world.pass(1000)
  await stopTheLine(world.as(ada), 'again')
  tamper(
    world,
    `update line_stops set lifted_by = 'ada', lifted_at = 1,
      lift_statement = (select lift_statement from line_stops where lift_statement is not null),
      lift_signature = (select lift_signature from line_stops where lift_statement is not null)`,
  )
  expect(await lineState(world.call)).toMatchObject({
    state: 'stopped',
    stops: [{ reason: 'again' }],
  })
  // Another statement of the same approver, in the same namespace.
  const trust = '{"format":"gonogo-trust-v1","project":"clinic","through":9e15}'
  const signature = await world.signer.sign(trust, 'ada', 'gonogo-trust')
  tamper(
    world,
    `update line_stops set lift_statement = '${trust}', lift_signature = '${signature}'`,
  )
  expect((await lineState(world.call)).state).toBe('stopped')
  const other = '{"format":"gonogo-line-lift-v1","project":"other","through":9e15}'
  const signed = await world.signer.sign(other, 'ada', 'gonogo-trust')
  tamper(world, `update line_stops set lift_statement = '${other}', lift_signature = '${signed}'`)
  expect(await lineState(world.call)).toMatchObject({
    problem: 'it was signed for another project',
  })
})

test.each([
  ['at the same moment', 0],
  ['after the clock was set back', -hour],
])('a stop %s is lifted by nothing that was signed without it', async (_, ms) => {
  const world = makeWorld()
  await stopTheLine(world.as(ada), reason)
  const review = await reviewLift(world.as(ada))
  world.pass(ms)
  await stopTheLine(world.as(ada), 'nobody was shown this')
  await liftStops(world.as(ada), review, { keyFile: 'ada', reason: null })
  expect(await lineState(world.call)).toMatchObject({
    state: 'stopped',
    stops: [{ reason: 'nobody was shown this' }],
  })
  await lift(world)
  expect((await lineState(world.call)).state).toBe('running')
})

test('who is no approver any more has lifted nothing', async () => {
  const world = makeWorld()
  await stopTheLine(world.as(ada), reason)
  await lift(world)
  await world.approvers.remove('ada')
  expect(await lineState(world.call)).toMatchObject({
    state: 'stopped',
    problem: expect.stringContaining('belongs to no approver'),
  })
})

test('a stop between the plan and the deployment is seen where it is admitted', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id)
  const { audit: log } = world.call
  const audit = {
    ...log,
    // The plan is made by then, and nothing is admitted yet.
    append: async (event: Parameters<AuditLog['append']>[0]) => {
      if (event.operation === 'promote') await stopTheLine(world.as(ada), reason)
      return await log.append(event)
    },
  }
  const token = { approval_token: approval.id }
  await expect(promote({ ...world.call, audit }, 'v1', token)).rejects.toMatchObject({
    code: 'blocked',
    message: expect.stringContaining('the line was stopped meanwhile by human:ada'),
  })
  expect(await world.call.store.read((tables) => tables.locks.get('production'))).toBeNull()
})

test('that holds for deployments into every environment that others come before', async () => {
  const names = ['test', 'staging', 'production']
  const world = makeWorld({
    project: fakeProject({ environments: names.map((name) => fakeEnvironment(name)) }),
  })
  await stopTheLine(world.as(ada), reason)
  const admit = (action: 'deploy' | 'rollback', environment: string) =>
    world.call.store.write((tables) =>
      refuseWhenStopped(world.call, tables, { plan: { action, environment }, gates: [] }),
    )
  await expect(admit('deploy', 'staging')).rejects.toMatchObject({ code: 'blocked' })
  await expect(admit('deploy', 'test')).resolves.toBeUndefined()
  await expect(admit('rollback', 'production')).resolves.toBeUndefined()
})
