import { createHash } from 'node:crypto'
import type { KeyProtection } from '../../src/core/approval.ts'
import { Failure } from '../../src/core/failure.ts'
import type { Release, ResolvedRef } from '../../src/core/release.ts'
import { requestOf, type SmokeStep } from '../../src/core/smoke.ts'
import type { MigrationSet } from '../../src/core/migration.ts'
import type { Migrations } from '../../src/ports/migrations.ts'
import type { Pipeline, Run } from '../../src/ports/pipeline.ts'
import type { Probe, ProbeAnswer, SmokeRequest, SmokeResult } from '../../src/ports/probe.ts'
import type { Registry } from '../../src/ports/registry.ts'
import type { Scanner, ScanReport } from '../../src/ports/scanner.ts'
import type { Approver, Approvers, Signer } from '../../src/ports/signer.ts'
import type { Source } from '../../src/ports/source.ts'
import type { TestOutcome, TestRunner } from '../../src/ports/test-runner.ts'

/** The release made of one hex digit: version `v3`, commit `333…`. */
export function release(digit: string): Release {
  return { sha: digit.repeat(40), version: `v${digit}` }
}

export interface FakeSource extends Source {
  /** Commits that are not on main. */
  strays: Set<string>
}

/** Knows `v0` to `vf`, their commits, and `main`, which is `v1`. */
export function fakeSource(): FakeSource {
  const strays = new Set<string>()
  return {
    strays,
    async resolve(git_ref): Promise<ResolvedRef> {
      const [, digit] = /^v([0-9a-f])$|^([0-9a-f])\2{39}$/.exec(git_ref) ?? []
      const found = git_ref === 'main' ? '1' : (digit ?? (git_ref.length === 40 && git_ref[0]))
      if (!found) {
        const message = `${JSON.stringify(git_ref)} is no commit`
        throw new Failure({ code: 'unknown_version', message, hint: 'try another' })
      }
      const kind = git_ref === 'main' ? 'branch' : 'tag'
      return {
        ...release(found),
        git_ref,
        kind,
        committed_at: '2026-01-01T00:00:00Z',
        subject: 'a change',
      }
    },
    defaultBranch: async () => 'main',
    isAncestor: async (sha) => !strays.has(sha),
    compare: async (sha, other) => (sha === other ? 'same' : 'newer'),
    paths: async () => [],
    async *files() {},
    readFile: async () => null,
    export: async () => undefined,
  }
}

export interface FakePipeline extends Pipeline {
  /** What each environment's `current` points to. */
  running: Map<string, Release>
  /** How the next runs end. */
  ends: 'succeeded' | 'failed' | 'running'
  runs: Map<string, Run>
}

/** Carries a deployment out by writing down what is current. */
export function fakePipeline(): FakePipeline {
  const running = new Map<string, Release>()
  const runs = new Map<string, Run>()
  const pipeline: FakePipeline = {
    kind: 'fake',
    running,
    runs,
    ends: 'succeeded',
    pace: { least: 500, most: 500 },
    describe: async ({ environment: { name } }) => ({
      kind: 'fake',
      target: `/srv/${name}`,
      isolation: 'none',
      steps: [{ phase: 'activate', name: 'restart', run: ['restart', name] }],
    }),
    async start({ deployment: { id, release: wanted }, environment }) {
      const known = runs.get(id)
      if (known) return known
      const failed = pipeline.ends === 'failed'
      if (pipeline.ends === 'succeeded') running.set(environment.name, wanted)
      const run: Run = {
        run_id: `run_${id}`,
        state: pipeline.ends,
        step: failed ? 'restart' : null,
        cause: failed ? 'it exited with 1' : null,
        logs_url: `file:///runs/${id}/log`,
        switched: !failed,
      }
      runs.set(id, run)
      return run
    },
    find: async ({ id }) => runs.get(id) ?? null,
    async cancel({ id }) {
      const run = runs.get(id)
      if (run?.state === 'running') runs.set(id, { ...run, state: 'cancelled' })
      return runs.get(id) ?? null
    },
    current: async ({ name }) => running.get(name) ?? null,
    log: async () => ({ text: 'step one\n\u001b[31mstep two\u001b[0m\n', cursor: 0 }),
  }
  return pipeline
}

export interface FakeProbe extends Probe {
  /** By URL; what is missing cannot be reached. */
  answers: Map<string, ProbeAnswer | (() => ProbeAnswer)>
  /** Name of the smoke step that fails. */
  brokenStep: string | null
  asked: string[]
  /** What the last smoke run was asked. */
  smoked: SmokeRequest | null
  /** What a smoke run answers; null: as `brokenStep` says. */
  smokeResults: SmokeResult[] | null
  /** Something that happens while smoke tests run. */
  duringSmoke: () => void
}

export const answer = (status: number, body = ''): ProbeAnswer => ({
  reached: true,
  status,
  body,
  date: null,
  duration_ms: 1,
})

/** A result of a step that passed, and what is different. */
export function smokeResult(step: SmokeStep, changes: Partial<SmokeResult> = {}): SmokeResult {
  const { name, kind } = step
  return {
    name,
    kind,
    phase: 'test',
    passed: true,
    ran: true,
    message: 'as expected',
    request: requestOf(step, ''),
    status: null,
    duration_ms: 1,
    attempts: 1,
    flaky: false,
    ...changes,
  }
}

export function fakeProbe(): FakeProbe {
  const probe: FakeProbe = {
    answers: new Map(),
    brokenStep: null,
    asked: [],
    smoked: null,
    smokeResults: null,
    duringSmoke: () => undefined,
    async get(url) {
      probe.asked.push(url)
      const known = probe.answers.get(url)
      if (known === undefined) return { reached: false, problem: 'refused', duration_ms: 1 }
      return typeof known === 'function' ? known() : known
    },
    ask: (url) => probe.get(url, { timeoutMs: 1000 }),
    async smoke(request) {
      const { baseUrl, steps } = request
      probe.smoked = request
      probe.asked.push(`${baseUrl} smoke`)
      probe.duringSmoke()
      if (probe.smokeResults) return probe.smokeResults
      const broken = steps.findIndex(({ name }) => name === probe.brokenStep)
      return steps.map((step, index) => {
        const ran = broken < 0 || index <= broken
        const passed = broken < 0 || index < broken
        const message = passed ? 'as expected' : ran ? 'answered 500' : 'not run'
        return smokeResult(step, { ran, passed, message, attempts: ran ? 1 : 0 })
      })
    },
  }
  return probe
}

export interface FakeScanner extends Scanner {
  report: ScanReport
  scans: number
}

export function fakeScanner(kind: Scanner['kind'], name: string): FakeScanner {
  const clean = { ran: true, applies: true, findings: [], message: 'clean', details: {} }
  const scanner: FakeScanner = {
    kind,
    name,
    report: clean,
    scans: 0,
    describe: () => `look for ${kind} with ${name}`,
    async scan() {
      scanner.scans += 1
      return scanner.report
    },
  }
  return scanner
}

export interface FakeMigrations extends Migrations {
  /** By commit; what is missing has none. */
  sets: Map<string, MigrationSet[]>
}

export function fakeMigrations(): FakeMigrations {
  const sets = new Map<string, MigrationSet[]>()
  return {
    sets,
    read: async (sha) => sets.get(sha) ?? [],
    lint: async () => ({ linter: null, findings: [], problem: null }),
  }
}

export interface FakeRegistry extends Registry {
  /** Reference with tag to the digest it names; what is missing is unknown. */
  digests: Map<string, string>
}

export function fakeRegistry(): FakeRegistry {
  const digests = new Map<string, string>()
  return {
    digests,
    describe: ({ image, tag }) => `ask for ${image}:${tag}`,
    async inspect({ image, tag }, { platform }) {
      const digest = digests.get(`${image}:${tag}`)
      if (digest === undefined) {
        const message = `there is no ${image}:${tag}`
        throw new Failure({ code: 'unknown_version', message, hint: 'push it' })
      }
      const revision = tag.slice(1).repeat(40)
      const config = { created: null, revision, user: 'app', healthcheck: true }
      return { digest, manifest: digest, platforms: [platform], config }
    },
  }
}

export interface FakeTests extends TestRunner {
  runs: number
  outcome: Partial<TestOutcome>
  /** Thrown instead of an outcome. */
  problem: Error | null
}

export function fakeTests(): FakeTests {
  const tests: FakeTests = {
    runs: 0,
    outcome: {},
    problem: null,
    async run(_sha, commands) {
      tests.runs += 1
      if (tests.problem) throw tests.problem
      const fine = { passed: true, exit_code: 0, timed_out: false, duration_ms: 5, output: [] }
      const unread = { report: null, report_problem: null }
      return commands.map(({ name }) => ({ name, ...fine, ...unread, ...tests.outcome }))
    },
  }
  return tests
}

export interface FakeSigner extends Signer {
  /** Fingerprints whose key an agent would use without asking. */
  inAgent: Set<string>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A key file is its owner's name; a key named `…-plain` has no passphrase. */
export function fakeSigner(approvers: Pick<Approvers, 'list'>): FakeSigner {
  const inAgent = new Set<string>()
  return {
    inAgent,
    sign: async (message, keyFile, namespace) =>
      `${keyFile} signed ${sha256(`${namespace} ${message}`)}`,
    async verify(message, signature, namespace) {
      const [name, , digest] = signature.split(' ')
      const known = await approvers.list()
      const approver = known.find(({ fingerprint }) => fingerprint === `SHA256:${name}`)
      if (!approver)
        return { valid: false, problem: 'the key belongs to no approver', unlisted: true }
      if (digest !== sha256(`${namespace} ${message}`))
        return { valid: false, problem: 'incorrect signature' }
      return { valid: true, approver, user_present: false }
    },
    inspect: async (keyFile) => approverKey(keyFile),
    heldByAgent: async (fingerprint) => inAgent.has(fingerprint),
  }
}

export function approverKey(name: string) {
  const protection: KeyProtection = name.endsWith('-plain') ? 'none' : 'passphrase'
  return { public_key: `ssh-ed25519 ${name}`, fingerprint: `SHA256:${name}`, protection }
}

export interface FakeApprovers extends Approvers {
  known: Approver[]
  /** Whether signers list and configuration are where this user cannot write. */
  protected: boolean
}

export function fakeApprovers(names: readonly string[]): FakeApprovers {
  const approvers: FakeApprovers = {
    path: '/etc/approvers',
    known: names.map((name) => ({ name, ...approverKey(name) })),
    protected: true,
    list: async () => approvers.known,
    async add(name, key) {
      const approver = { name, ...key }
      approvers.known.push(approver)
      return approver
    },
    async remove(name) {
      const found = approvers.known.find((approver) => approver.name === name)
      approvers.known = approvers.known.filter((approver) => approver.name !== name)
      if (found) return found
      throw new Failure({
        code: 'invalid_input',
        message: `no approver ${name}`,
        hint: 'list them',
      })
    },
    outOfReach: async () => approvers.protected,
    withinReach: async (files) => (approvers.protected ? [] : [approvers.path, ...files]),
  }
  return approvers
}
