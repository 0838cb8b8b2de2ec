import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createOperations } from '../../src/adapters/runtime/operations.ts'
import { createRuntime } from '../../src/adapters/runtime/runtime.ts'
import { openStore } from '../../src/adapters/store/store.ts'
import { policyText } from '../../src/config/policy.ts'
import type { Deployment } from '../../src/core/deployment.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { Call } from '../../src/ports/context.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import { keep } from '../../src/workers/keeper.ts'
import { testAuditLog } from './audit-log.ts'
import {
  answer,
  fakeApprovers,
  fakeMigrations,
  fakePipeline,
  fakeProbe,
  fakeRegistry,
  fakeScanner,
  fakeSigner,
  fakeSource,
  fakeTests,
  type FakeApprovers,
  type FakeMigrations,
  type FakePipeline,
  type FakeProbe,
  type FakeRegistry,
  type FakeScanner,
  type FakeSigner,
  type FakeSource,
  type FakeTests,
} from './fake-ports.ts'
import { fakeProject } from './fake-project.ts'
import { holding } from './held.ts'

/** Light fakes outside; the store and the audit log are the real ones, in a directory of their own. */
export interface World {
  /** As the agent `claude`; `as` gives the same world to somebody else. */
  call: Call
  as(principal: Principal): Call
  /** Moves the clock. */
  pass(ms: number): void
  source: FakeSource
  pipeline: FakePipeline
  probe: FakeProbe
  dependencies: FakeScanner
  secrets: FakeScanner
  tests: FakeTests
  migrations: FakeMigrations
  registry: FakeRegistry
  signer: FakeSigner
  approvers: FakeApprovers
  /** Deployments somebody was asked to watch. */
  watched: string[]
  /** Lets the keepers work: drives a deployment to its end. */
  drive(id: string): Promise<Deployment>
  directory: string
}

export const hour = 3_600_000

/** A world for one test, gone after it. `change` is the test's own part of the context. */
export function makeWorld(change: Partial<Call> = {}): World {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-world-'))
  const clock = { now: Date.parse('2030-01-01T00:00:00Z') }
  const runtime = fakeRuntime(clock)
  const store = openStore({ directory, project: 'clinic', runtime: createRuntime() })
  onTestFinished(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const approvers = fakeApprovers(['ada', 'bob'])
  const signer = fakeSigner(approvers)
  const [source, pipeline, probe, tests] = [fakeSource(), fakePipeline(), fakeProbe(), fakeTests()]
  const dependencies = fakeScanner('dependencies', 'npm-audit')
  const secrets = fakeScanner('secrets', 'secretlint')
  const [migrations, registry] = [fakeMigrations(), fakeRegistry()]
  const watched: string[] = []
  const project = change.project ?? fakeProject()
  const policy = policyText(project)
  const call: Call = {
    project,
    policyText: policy,
    policyHash: runtime.sha256(policy),
    runtime,
    store,
    source,
    pipeline,
    commitRecords: null,
    scanners: [dependencies, secrets],
    tests,
    migrations,
    registry,
    processes: createProcesses(),
    probe,
    variables: { of: async () => ({ SESSION_SECRET: 'x'.repeat(40) }) },
    audit: testAuditLog({ path: join(directory, 'audit.jsonl'), runtime }),
    signer,
    approvers,
    keepers: {
      async start(id) {
        watched.push(id)
        return 'keeper pid 7'
      },
      async deliver() {
        watched.push('outbox')
      },
      delivers: async () => undefined,
      self: async () => 'keeper pid 7',
      mayLive: async () => true,
    },
    operations: createOperations(runtime),
    notifier: { problem: () => null, send: async () => ({ delivered: true }) },
    programFiles: async () => [],
    adminTokens: [],
    callerToken: null,
    held: holding(change.adminTokens),
    platformApprovals: null,
    readOnly: false,
    principal: { kind: 'agent', name: 'claude' },
    requestId: 'req_1',
    waitMs: 60_000,
    signal: new AbortController().signal,
    progress: () => undefined,
    ...change,
  }
  answerLikeALiveSystem(pipeline, probe)
  return {
    call,
    as: (principal) => ({ ...call, principal }),
    pass: (ms) => void (clock.now += ms),
    source,
    pipeline,
    probe,
    dependencies,
    secrets,
    tests,
    migrations,
    registry,
    signer,
    approvers,
    watched,
    directory,
    drive: (id) => driveToTheEnd(call, id),
  }
}

/** Time stands still until somebody sleeps, so nothing waits for real. */
function fakeRuntime(clock: { now: number }): Runtime {
  return {
    ...createRuntime(),
    now: () => clock.now,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      // The renewal of a lease sleeps beside the work: only its end wakes it.
      if (ms > hour && signal)
        await new Promise((_, wake) => signal.addEventListener('abort', wake))
      await new Promise((resolve) => setImmediate(resolve))
      // Oversleeping is allowed, and polling to a deadline takes fewer turns.
      clock.now += 20 * ms
    },
  }
}

function answerLikeALiveSystem({ running }: FakePipeline, { answers }: FakeProbe): void {
  for (const name of ['staging', 'production']) {
    answers.set(`http://${name}.test/version`, () => {
      const commit = running.get(name)?.sha
      return commit === undefined ? answer(503) : answer(200, JSON.stringify({ commit }))
    })
    answers.set(`http://${name}.test/health`, answer(200))
  }
}

async function driveToTheEnd(call: Call, id: string): Promise<Deployment> {
  const problems: string[] = []
  const keeper: Call = { ...call, principal: { kind: 'automation', name: 'keeper' } }
  const lease = { owner: 'keeper pid 7', ms: 24 * hour }
  const how = await keep(keeper, lease, id, (line) => problems.push(line))
  const row = await call.store.read((tables) => tables.deployments.get(id))
  if (how !== 'ended' || row === null) throw new Error(`${how}: ${problems.join('; ')}`)
  return row
}
