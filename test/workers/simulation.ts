import { isUnderWay, type Deployment } from '../../src/core/deployment.ts'
import { Failure } from '../../src/core/failure.ts'
import type { AuditEvent, AuditLine } from '../../src/core/audit.ts'
import type { Call } from '../../src/ports/context.ts'
import type { Pipeline, Run, RunOf } from '../../src/ports/pipeline.ts'
import { admit } from '../../src/tools/support/admit.ts'
import type { Planned } from '../../src/tools/support/planned.ts'
import { keep } from '../../src/workers/keeper.ts'
import { fakePipeline } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { memoryStore, noRows, type Rows } from './memory-store.ts'

/** What came of one schedule. */
export interface Trace {
  rows: Rows
  audit: AuditEvent[]
  /** How often the pipeline really made a run, by deployment. */
  started: Map<string, number>
  /** What must never happen and did, in words. */
  violations: string[]
  kills: number
}

const leaseMs = 15_000
const policyHash = 'f'.repeat(64)

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Something a keeper waits for: its turn at a port, or a time. */
interface Waiting {
  keeper: Keeper
  /** Not before. */
  at: number
  go: () => void
}

interface Keeper {
  name: string
  /** A dead one never gets its turn again, wherever it stood. */
  alive: boolean
  done: boolean
}

/**
 * Drives a promotion, and mostly a rollback that interrupts it somewhere, with keepers that are
 * interleaved at every call to the outside, stalled beyond their lease, and killed. The seed decides.
 */
export async function simulate(seed: number): Promise<Trace> {
  const next = random(seed)
  const trace: Trace = { rows: noRows(), audit: [], started: new Map(), violations: [], kills: 0 }
  const world = { now: 1_000_000 }
  const waiting: Waiting[] = []
  const keepers: Keeper[] = []
  const pipeline = runsOf(trace, world, next)

  function wait(keeper: Keeper, at: number): Promise<void> {
    return new Promise((go) => void waiting.push({ keeper, at, go }))
  }

  function hire(id: string): void {
    const keeper: Keeper = { name: `keeper ${keepers.length}`, alive: true, done: false }
    keepers.push(keeper)
    const call = callOf(keeper, { trace, world, wait, pipeline, keepers })
    void keep(call, { owner: keeper.name, ms: leaseMs }, id, () => undefined).then(
      () => (keeper.done = true),
      (error: Error) => trace.violations.push(`${keeper.name} threw ${error.message}`),
    )
  }

  const ids = [await begin(trace.rows, world.now, null)]
  ids.forEach(hire)
  const interruptAt = Math.floor(next() * 120)
  for (let step = 0; step < 4000; step++) {
    // Everything that needs no turn comes first, so that only the seed decides the order.
    await new Promise((resolve) => setImmediate(resolve))
    inspect(trace)
    // Planned while the first was under way; by now it may be about to end, but not more than that.
    if (step >= interruptAt && ids.length === 1 && trace.rows.locks.has('production')) {
      ids.push(await begin(trace.rows, world.now, ids[0]!))
    }
    const unfinished = ids.filter((id) => trace.rows.deployments.get(id)!.phase !== 'ended')
    if (unfinished.length === 0) return trace
    const living = waiting.filter(({ keeper }) => keeper.alive)
    const ready = living.filter(({ at }) => at <= world.now)
    const chosen = ready[Math.floor(next() * ready.length)]
    if (next() < 0.02 && keepers.length < 30)
      hire(unfinished[Math.floor(next() * unfinished.length)]!)
    if (chosen && next() < 0.03 && trace.kills < 12) {
      chosen.keeper.alive = false
      trace.kills++
    } else if (chosen && next() < 0.9) {
      waiting.splice(waiting.indexOf(chosen), 1)
      chosen.go()
    } else {
      // Sometimes longer than a lease: whoever stands still then has lost it when it goes on.
      world.now += Math.ceil(next() * (next() < 0.2 ? 2 * leaseMs : 400))
    }
    if (!keepers.some(({ alive, done }) => alive && !done)) unfinished.forEach(hire)
  }
  trace.violations.push('it did not end')
  return trace
}

/** The world as one keeper reaches it: every call waits for its turn, before and after its effect. */
function callOf(
  keeper: Keeper,
  {
    trace,
    world,
    wait,
    pipeline,
    keepers,
  }: {
    trace: Trace
    world: { now: number }
    wait: (keeper: Keeper, at: number) => Promise<void>
    pipeline: Pipeline
    keepers: Keeper[]
  },
): Call {
  const turn = () => wait(keeper, world.now)
  async function through<T>(effect: () => Promise<T>): Promise<T> {
    await turn()
    const result = await effect()
    await turn()
    return result
  }
  const environment = fakeEnvironment('production', { health: {}, version: null, verify: 'off' })
  const call = {
    project: fakeProject({ environments: [environment] }),
    policyHash,
    runtime: {
      now: () => world.now,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error))
          void wait(keeper, world.now + ms).then(resolve)
        }),
      id: (prefix: string) => `${prefix}_${trace.rows.evidence.length}`,
      reached: () => undefined,
    },
    store: memoryStore(trace.rows, turn),
    pipeline: {
      ...pipeline,
      start: (request: Parameters<Pipeline['start']>[0]) => through(() => pipeline.start(request)),
      find: (deployment: RunOf) => through(() => pipeline.find(deployment)),
      cancel: (deployment: RunOf) => through(() => pipeline.cancel(deployment)),
    },
    audit: {
      path: '',
      append: (event: AuditEvent) => through(async () => void trace.audit.push(event)),
      appendOnce: (event: AuditEvent, isIt: (line: AuditLine) => boolean) =>
        through(async () => {
          if (!(trace.audit as AuditLine[]).some(isIt)) trace.audit.push(event)
        }),
    },
    keepers: {
      mayLive: (owner: string) =>
        through(async () => keepers.some(({ name, alive }) => name === owner && alive)),
    },
    principal: { kind: 'automation', name: 'keeper' },
    requestId: 'req_1',
    signal: new AbortController().signal,
  }
  return call as unknown as Call
}

/** Runs that end by themselves some time after their start, as the seed wants. */
function runsOf(trace: Trace, world: { now: number }, next: () => number): Pipeline {
  const runs = new Map<string, { run: Run; endsAt: number; end: Run['state'] }>()
  const look = (id: string): Run | null => {
    const entry = runs.get(id)
    if (!entry) return null
    if (entry.run.state === 'running' && world.now >= entry.endsAt) entry.run.state = entry.end
    return { ...entry.run }
  }
  const record = (id: string, state: Run['state'], endsAt = 0): Run => {
    const end = (['succeeded', 'succeeded', 'failed', 'lost'] as const)[Math.floor(next() * 4)]!
    const rest = { step: null, cause: state === 'running' ? null : 'refused', switched: false }
    const run: Run = { run_id: `run_${id}`, state, logs_url: '', ...rest }
    runs.set(id, { run, endsAt, end })
    return run
  }
  return {
    ...fakePipeline(),
    async start({ deployment: { id } }) {
      const known = look(id)
      if (known && known.state !== 'refused') return known
      if (known || next() < 0.1) {
        record(id, 'refused')
        throw new Failure({ code: 'run_not_started', message: 'no', hint: '' })
      }
      const others = [...runs.keys()].filter((other) => look(other)?.state === 'running')
      if (others.length > 0) trace.violations.push(`${id} started beside ${others.join()}`)
      trace.started.set(id, (trace.started.get(id) ?? 0) + 1)
      return record(id, 'running', world.now + next() * 20_000)
    },
    find: async ({ id }) => look(id),
    async cancel({ id }) {
      const known = look(id)
      if (known === null) return record(id, 'refused')
      if (known.state === 'running') runs.get(id)!.run.state = 'cancelled'
      return look(id)
    },
  }
}

const seen = new WeakMap<Trace, Map<string, Deployment>>()

/** Compares with the last look: an outcome stays, a fence only grows. */
function inspect(trace: Trace): void {
  const before = seen.get(trace) ?? new Map<string, Deployment>()
  for (const row of trace.rows.deployments.values()) {
    const old = before.get(row.id)
    if (old && row.fence < old.fence) trace.violations.push(`${row.id}: its fence went back`)
    // A rollback may still mark what it left behind.
    if (old && !isUnderWay(old) && row.status !== old.status && row.status !== 'rolled_back')
      trace.violations.push(`${row.id}: ${old.status} became ${row.status}`)
  }
  seen.set(trace, new Map(trace.rows.deployments))
}

/** Admission as the tools do it, but for approvals and the audit line before it. */
async function begin(rows: Rows, now: number, preempts: string | null): Promise<string> {
  const id = preempts === null ? 'dep_1' : 'dep_2'
  const release = { sha: id.at(-1)!.repeat(40), version: id }
  const action = preempts === null ? 'promote' : 'rollback'
  const what = { action, environment: 'production', release, preempts }
  const plan = { ...what, skips: [], policy_hash: policyHash }
  const planned = { plan: { ...plan, verify: 'off' }, hash: '', git_ref: 'main', gates: [] }
  const text = JSON.stringify(planned.plan)
  const principal = { kind: 'human', name: 'ada' }
  const project = { notifications: [], environments: [] }
  const call = { store: memoryStore(rows), runtime: { now: () => now }, principal, project }
  await admit(call as unknown as Call, { ...planned, text } as unknown as Planned, null, id)
  return id
}
