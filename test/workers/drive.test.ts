import { beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '../../src/core/deployment.ts'
import { Failure } from '../../src/core/failure.ts'
import type { Call } from '../../src/ports/context.ts'
import type { Pipeline, Run, RunOf } from '../../src/ports/pipeline.ts'
import { driveOnce, type Turn } from '../../src/workers/drive.ts'
import { approval, decision, deployment, lock } from '../adapters/store/rows.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'

const lease = { owner: 'keeper pid 7', ms: 24 * hour }

let world: World
let call: Call
beforeEach(() => {
  world = makeWorld()
  call = world.call
})

/** A deployment to production that holds the lock, in the state a test wants. */
async function given(changes: Partial<Deployment> = {}): Promise<string> {
  const plan = JSON.stringify({ policy_hash: call.policyHash, verify: 'off' })
  const row = deployment('dep_1', { environment: 'production', plan, due_at: 0, ...changes })
  await call.store.write(async (tables) => {
    await tables.deployments.insert(row)
    await tables.locks.take(lock('production', { deployment_id: row.id }))
  })
  return row.id
}

const rowOf = async (id = 'dep_1') =>
  (await call.store.read((tables) => tables.deployments.get(id)))!
const lockOf = () => call.store.read((tables) => tables.locks.get('production'))
const turn = (other: Partial<Call> = {}): Promise<Turn | null> =>
  driveOnce({ ...call, ...other }, lease)

/** The deployment that a rollback interrupts: nobody claims it any more. */
async function interrupted(changes: Partial<Deployment>): Promise<void> {
  const shutOut = { environment: 'production', due_at: Number.MAX_SAFE_INTEGER }
  const row = deployment('dep_0', { ...shutOut, ...changes })
  await call.store.write((tables) => tables.deployments.insert(row))
}

const failing = (error: Error) => () => Promise.reject(error)

function run(state: Run['state']): Run {
  const cause = state === 'running' ? null : 'a cause'
  return { run_id: 'run_1', state, step: null, cause, logs_url: '', switched: false }
}

describe('starting', () => {
  it('records a run that is there already, and starts none', async () => {
    await given()
    world.pipeline.runs.set('dep_1', run('running'))
    const start = failing(new Error('a second run'))
    expect(await turn({ pipeline: { ...world.pipeline, start } })).toMatchObject({ problem: null })
    expect(await rowOf()).toMatchObject({ phase: 'running', run_id: 'run_1' })
  })

  it('gives the approval back when the run provably did not start', async () => {
    await given({ approval_id: 'apr_1' })
    const decisions = [decision('dec_1', 'apr_1')]
    const signed = { state: 'consumed', decisions, consumed_by: 'dep_1' } as const
    await call.store.write((tables) => tables.approvals.insert(approval('apr_1', signed)))
    const start = failing(new Failure({ code: 'run_not_started', message: 'no disk', hint: '' }))
    await turn({ pipeline: { ...world.pipeline, start } })
    expect(await lockOf()).not.toBeNull()
    await turn()
    expect(await rowOf()).toMatchObject({ status: 'failure', phase: 'ended', run_id: null })
    expect(await call.store.read((tables) => tables.approvals.get('apr_1'))).toMatchObject({
      state: 'approved',
      consumed_by: null,
    })
    expect(await lockOf()).toBeNull()
  })

  it('starts nothing once the configuration is another one, not even a runner on its way', async () => {
    await given()
    const cancelled: string[] = []
    const cancel = async ({ id }: RunOf) => {
      cancelled.push(id)
      return run('refused')
    }
    await turn({ pipeline: { ...world.pipeline, cancel }, policyHash: '0'.repeat(64) })
    expect(cancelled).toEqual(['dep_1'])
    expect(await rowOf()).toMatchObject({
      status: 'failure',
      phase: 'closing',
      fault: { cause: expect.stringContaining('the configuration changed') },
    })
  })

  it('follows the run to its end if that runner was faster', async () => {
    await given()
    const pipeline = { ...world.pipeline, cancel: async () => run('cancelled') }
    await turn({ pipeline, policyHash: '0'.repeat(64) })
    expect(await rowOf()).toMatchObject({ phase: 'running', run_id: 'run_1' })
  })
})

describe('a pipeline that keeps its own time', () => {
  it('shows a deployment waiting while the pipeline waits for a person, and goes on after that', async () => {
    await given({ phase: 'running', status: 'in_progress', run_id: 'run_1' })
    world.pipeline.runs.set('dep_1', run('waiting'))
    await turn()
    expect(await rowOf()).toMatchObject({ phase: 'running', status: 'waiting_approval' })
    await turn()
    expect(await rowOf()).toMatchObject({ phase: 'running', status: 'waiting_approval' })
    world.pipeline.runs.set('dep_1', run('running'))
    world.pass(60_000)
    await turn()
    expect(await rowOf()).toMatchObject({ phase: 'running', status: 'in_progress' })
  })

  it('is asked again when it said it may be, not before', async () => {
    await given({ phase: 'running', status: 'in_progress', run_id: 'run_1' })
    const retry_at = call.runtime.now() + 600_000
    const message = 'rate limited until later'
    const limited = new Failure({ code: 'rate_limited', message, hint: '', details: { retry_at } })
    await turn({ pipeline: { ...world.pipeline, find: failing(limited) } })
    expect(await rowOf()).toMatchObject({ phase: 'running', due_at: retry_at, last_error: message })
  })

  it('fails a run that was accepted and never seen, and keeps its approval used', async () => {
    await given({ approval_id: 'apr_1' })
    await call.store.write((tables) =>
      tables.approvals.insert(approval('apr_1', { state: 'consumed', consumed_by: 'dep_1' })),
    )
    const message = 'accepted, but no run of it was seen'
    const lost = new Failure({ code: 'run_not_found', message, hint: '' })
    await turn({ pipeline: { ...world.pipeline, start: failing(lost) } })
    await turn()
    expect(await rowOf()).toMatchObject({
      status: 'failure',
      phase: 'ended',
      fault: { step: 'run_not_found', cause: message },
    })
    expect(await lockOf()).toBeNull()
    const stored = await call.store.read((tables) => tables.approvals.get('apr_1'))
    expect(stored).toMatchObject({ state: 'consumed' })
  })

  it('is handed what the approver signed', async () => {
    await given({ approval_id: 'apr_1' })
    const decisions = [
      decision('dec_1', 'apr_1', { statement: '{"of":"ada"}', signature: 'SIG' }),
      decision('dec_2', 'apr_1', { person: 'bob', method: 'github_login', signature: null }),
      decision('dec_3', 'apr_1', { person: 'eve', verdict: 'rejected' }),
    ]
    const signed = approval('apr_1', { state: 'consumed', decisions })
    await call.store.write((tables) => tables.approvals.insert(signed))
    const handed: unknown[] = []
    const start: Pipeline['start'] = async ({ consent }) => {
      handed.push(consent)
      return run('running')
    }
    await turn({ pipeline: { ...world.pipeline, start } })
    const signature = { statement: '{"of":"ada"}', signature: 'SIG', approver: 'ada@example.org' }
    expect(handed).toEqual([{ request: signed.request, decisions: [signature] }])
  })
})

describe('closing', () => {
  const closing: Partial<Deployment> = { phase: 'closing', status: 'success', run_id: 'run_1' }

  it('keeps the environment locked until the outcome is in the audit log', async () => {
    await given(closing)
    const appendOnce = failing(new Error('no space left'))
    const failed = await turn({ audit: { ...call.audit, appendOnce } })
    expect(failed).toMatchObject({ problem: expect.stringContaining('no space left') })
    expect(await rowOf()).toMatchObject({ phase: 'closing', attempt: 1 })
    expect(await lockOf()).not.toBeNull()

    world.pass(60_000)
    await turn()
    expect(await rowOf()).toMatchObject({ phase: 'ended', attempt: 0, lease_owner: null })
    expect(await lockOf()).toBeNull()
    expect(await call.audit.tail(10)).toMatchObject([{ phase: 'result', success: true }])
  })

  it('seals the log once the environment is free, and ends though that fails', async () => {
    await given(closing)
    const checkpoint = async () => {
      expect(await lockOf()).toBeNull()
      await call.audit.checkpoint()
      throw new Error('no anchor')
    }
    await turn({ audit: { ...call.audit, checkpoint } })
    expect(await rowOf()).toMatchObject({ phase: 'ended', last_error: null })
    expect((await call.audit.status()).checkpoint).toMatchObject({ size: 1 })
  })

  it('writes the outcome once, also when it died right after writing it', async () => {
    await given(closing)
    const store = { ...call.store, write: dyingAtSecondWrite(call.store) }
    await expect(turn({ store })).rejects.toThrow('killed')
    expect(await call.audit.tail(10)).toHaveLength(1)
    world.pass(60_000)
    await turn()
    expect(await rowOf()).toMatchObject({ phase: 'ended' })
    expect(await call.audit.tail(10)).toHaveLength(1)
  })
})

describe('a rollback that interrupts', () => {
  const rollback: Partial<Deployment> = {
    kind: 'rollback',
    phase: 'preempting',
    preempts: 'dep_0',
    release: { sha: '1'.repeat(40), version: 'v1' },
  }
  it('closes what had come to its outcome by itself, and leaves that outcome', async () => {
    await interrupted({ phase: 'closing', status: 'success', run_id: 'run_0' })
    await given(rollback)
    await turn()
    expect(await rowOf('dep_0')).toMatchObject({ status: 'success', phase: 'ended' })
    expect(await rowOf()).toMatchObject({ phase: 'starting' })
    expect(await call.audit.tail(10)).toMatchObject([{ correlation_id: 'dep_0', success: true }])
    expect(await lockOf()).toMatchObject({ deployment_id: 'dep_1' })
  })

  it.each([
    ['starting', 'outcome_unknown', 'interrupted by dep_1; a cause'],
    ['verifying', 'cancelled', 'interrupted by dep_1'],
  ] as const)(
    'says of a run it could not find (%s) that it is %s',
    async (phase, status, cause) => {
      await interrupted({ phase, status: 'queued' })
      await given(rollback)
      await turn({ pipeline: { ...world.pipeline, cancel: async () => run('lost') } })
      expect(await rowOf('dep_0')).toMatchObject({ status, phase: 'ended', fault: { cause } })
      expect(await rowOf()).toMatchObject({ phase: 'starting' })
    },
  )

  it('holds the release it interrupted, although another one still ran', async () => {
    const bad = { sha: '2'.repeat(40), version: 'v2' }
    await interrupted({ phase: 'running', status: 'in_progress', run_id: 'run_0', release: bad })
    await given({ ...rollback, from: rollback.release! })
    await world.drive('dep_1')
    expect(await rowOf('dep_0')).toMatchObject({ status: 'cancelled', phase: 'ended' })
    const holds = await call.store.read((tables) => tables.holds.list('production'))
    expect(holds).toMatchObject([bad])
  })
})

describe('a turn whose deployment was taken over meanwhile', () => {
  it('leaves nothing behind', async () => {
    await given({ phase: 'verifying', status: 'in_progress', run_id: 'run_1' })
    world.pipeline.running.set('production', (await rowOf()).release)
    const reached: string[] = []
    const { runtime } = call
    const takenOver = { ...runtime, reached: (point: string) => void reached.push(point) }
    world.probe.answers.set('http://production.test/health', () => {
      void call.store.write((tables) => tables.deployments.fenceOff('dep_1'))
      return { reached: true, status: 200, body: '', date: null, duration_ms: 1 }
    })
    await turn({ runtime: takenOver })
    expect(await rowOf()).toMatchObject({ phase: 'verifying', status: 'in_progress', fence: 2 })
    expect(await call.store.read((tables) => tables.evidence.ofDeployment('dep_1'))).toEqual([])
    expect(reached.filter((point) => point.startsWith('drive.applied'))).toEqual([])
  })
})

/** The first write is the claim; the process is gone before the second. */
function dyingAtSecondWrite(store: Call['store']): Call['store']['write'] {
  let writes = 0
  return (work) => (++writes === 1 ? store.write(work) : Promise.reject(new Error('killed')))
}

describe('a turn that fails', () => {
  it('is told with the deployment until one succeeds', async () => {
    await given({ phase: 'verifying', status: 'in_progress', run_id: 'run_1' })
    await turn({ probe: { ...call.probe, get: failing(new Error('no sockets left')) } })
    expect(await rowOf()).toMatchObject({ phase: 'verifying', attempt: 1 })
    expect((await rowOf()).last_error).toContain('no sockets left')
  })

  it('twelve times ends a verification without a result, so that the lock is freed', async () => {
    await given({ phase: 'verifying', status: 'in_progress', run_id: 'run_1', attempt: 11 })
    await turn({ probe: { ...call.probe, get: failing(new Error('no sockets left')) } })
    expect(await rowOf()).toMatchObject({
      phase: 'closing',
      status: 'failure',
      health_status: 'unknown',
      fault: { phase: 'verifying', cause: expect.stringContaining('no sockets left') },
    })
    await turn()
    expect(await lockOf()).toBeNull()
  })
})

it('closes a deployment whose environment is no longer configured: nothing stays locked', async () => {
  await given({ phase: 'verifying', status: 'in_progress', run_id: 'run_1' })
  const environments = call.project.environments.filter(({ name }) => name !== 'production')
  const without = { project: { ...call.project, environments } }
  await turn(without)
  await turn(without)
  expect(await rowOf()).toMatchObject({
    phase: 'ended',
    status: 'failure',
    fault: { cause: 'the configuration changed after the plan was made' },
  })
  expect(await lockOf()).toBeNull()
})
