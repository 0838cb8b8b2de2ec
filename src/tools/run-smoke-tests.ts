import * as z from 'zod'
import { Failure } from '../core/failure.ts'
import type { Environment } from '../core/project.ts'
import { requestOf, teardownFor } from '../core/smoke.ts'
import type { Call } from '../ports/context.ts'
import type { SmokeResult } from '../ports/probe.ts'
import { defineTool, pendingFields } from './define-tool.ts'
import { environmentNamed } from './support/environments.ts'
import { record, smokeSubject } from './support/evidence.ts'
import { observe, type Observation } from './support/observe.ts'
import { dryRunInput, environmentInput, strings } from './support/schemas.ts'
import { hasUrl, outcomeOf, runSmoke, smokeCheck, smokeSteps } from './support/smoke.ts'
import { timestamp } from './support/time.ts'

const input = z.object({
  environment: environmentInput,
  test_suite: z.enum(['basic', 'full']).default('basic'),
  timeout_seconds: z.int().min(30).max(1800).default(300),
  exchange: z.boolean().default(false).describe('Show what a failing step sent and got'),
  dry_run: dryRunInput,
})

type Input = z.output<typeof input>
type Live = Environment & { url: string }

/** Asks the live environment, and ties the answer to the release it really runs. */
export const runSmokeTests = defineTool({
  name: 'run_smoke_tests',
  title: 'Run smoke tests',
  toolset: 'core',
  effect: 'probe',
  description:
    'Send the configured requests to a live environment. A pass on staging is the proof ' +
    'promote_to_production asks for.',
  input,
  output: z.object({
    environment: z.string(),
    test_suite: z.string(),
    version: z.string().nullable().optional(),
    passed: z.boolean().nullable(),
    results: z.array(z.record(z.string(), z.unknown())),
    warnings: strings.optional(),
    duration_ms: z.number(),
    executed_at: z.string().nullable(),
    ...pendingFields,
  }),
  run: smoke,
  environment: (args) => args.environment,
  pending: (args) => ({ ...nothingYet(args), results: [], duration_ms: 0 }),
  summarize: (output) => {
    if (output.pending) return 'Still testing: call again with the same arguments.'
    const what = `${output.test_suite} smoke tests on ${output.environment}`
    if (output.passed === null) return `Dry run: the ${what} were not run.`
    const results = output.results as unknown as SmokeResult[]
    const { broken, tested } = outcomeOf(results)
    if (broken) return `NO-GO: ${what}: ${broken.name}: ${broken.message}`
    const flaky = results.filter((result) => result.flaky).length
    const retried = flaky === 0 ? '' : `, ${flaky} of them flaky: only after a retry`
    return `GO: ${tested} ${what} passed${retried}.`
  },
})

async function smoke(args: Input, call: Call) {
  const environment = environmentNamed(call.project, args.environment)
  const steps = smokeSteps(call, args.test_suite)
  if (!hasUrl(environment)) throw notTestable(`${environment.name} has no url`)
  if (steps.length === 0) throw notTestable(`no ${args.test_suite} smoke tests are configured`)
  if (args.dry_run)
    return { ...nothingYet(args), results: planned(environment, args, call), duration_ms: 0 }
  const started = call.runtime.now()
  const before = await observe(call, environment)
  const results = await runSmoke(call, environment, {
    suite: args.test_suite,
    timeoutMs: args.timeout_seconds * 1000,
    release: before.release,
    exchange: args.exchange,
  })
  const after = await observe(call, environment)
  const doubts = await keepAsEvidence(call, environment, args, { before, after, results })
  const { broken, warnings } = outcomeOf(results)
  const ended = call.runtime.now()
  return {
    environment: environment.name,
    test_suite: args.test_suite,
    version: after.release?.version ?? null,
    passed: broken === null,
    results: results.map((result) => ({ ...result })),
    warnings: [...warnings, ...doubts],
    duration_ms: ended - started,
    executed_at: timestamp(ended),
  }
}

/** The result speaks for a release only if the environment ran it before and after, without drift. */
async function keepAsEvidence(
  call: Call,
  environment: Live,
  args: Input,
  seen: { before: Observation; after: Observation; results: SmokeResult[] },
): Promise<string[]> {
  const { before, after, results } = seen
  const doubt = doubtIn(before) ?? doubtIn(after)
  if (doubt !== null) return [`${doubt}: not kept as evidence`]
  if (after.release === null) return ['what runs there is unknown: not kept as evidence']
  if (before.release?.sha !== after.release.sha) {
    return ['the environment changed during the tests: not kept as evidence']
  }
  const check = smokeCheck(environment, args.test_suite, results)
  const subject = smokeSubject(call, environment)
  const about = { sha: after.release.sha, environment: environment.name, deployment_id: null }
  await record(call, check, { ...about, subject })
  return []
}

/** Why an observation cannot tie a result to a release. */
function doubtIn({ drift, live }: Observation): string | null {
  if (drift !== null) return drift
  return live.asked && live.reported === null ? live.problem : null
}

function planned({ url }: Live, args: Input, call: Call) {
  const { setup, teardown } = call.project.smoke
  const tested = [...setup, ...smokeSteps(call, args.test_suite)]
  const steps = [...tested, ...teardownFor(tested, teardown)]
  return steps.map((step) => ({
    name: step.name,
    kind: step.kind,
    ran: false,
    passed: null,
    message: `dry run, would ${step.kind === 'http' ? 'send ' : ''}${requestOf(step, url)}`,
  }))
}

function nothingYet(args: Input) {
  const { environment, test_suite } = args
  return { environment, test_suite, passed: null, executed_at: null }
}

function notTestable(message: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `smoke tests could not run: ${message}`,
    hint: 'add url and smoke tests to gonogo.yaml (docs/smoke-tests.md)',
  })
}
