import { groupsOf, type SmokeStep } from '../../core/smoke.ts'
import type { SmokeRequest, SmokeResult } from '../../ports/probe.ts'
import { inParallel } from './parallel.ts'
import { notRun, prepareRun, type Planned, type ProbeDeps, type SmokeRun } from './smoke-run.ts'
import { runStep, type Phase } from './smoke-step.ts'

const defaultConcurrency = 16
const defaultTeardownMs = 30_000

/** Runs the steps in order; the group with the first failure is the last that runs. */
export async function runSmoke(request: SmokeRequest, deps: ProbeDeps): Promise<SmokeResult[]> {
  const run = prepareRun(request, deps)
  try {
    const tested = await runTested(request, run)
    return [...tested, ...(await runTeardown(request, run, tested))]
  } finally {
    run.close()
  }
}

async function runTested(request: SmokeRequest, run: SmokeRun): Promise<SmokeResult[]> {
  const groups = [
    ...groupsOf(request.setup ?? []).map((steps) => planned(steps, 'setup')),
    ...groupsOf(request.steps).map((steps) => planned(steps, 'test')),
  ]
  const total = groups.flat().length
  let done = 0
  let failed: string | null = null
  const results: SmokeResult[] = []
  const phase = { endsAt: run.endsAt, signal: run.signal }
  for (const group of groups) {
    const after: string | null = failed
    const found = await runGroup(group, run, {
      phase,
      obstacle: () => (after === null ? obstacleTo(run) : `${after} failed`),
      onResult: (result) => {
        done += 1
        if (result.ran) request.onStep?.(done, total, result.name)
      },
    })
    results.push(...found)
    failed ??= found.find(({ passed }) => !passed)?.name ?? null
  }
  return results
}

function planned(steps: readonly SmokeStep[], phase: Planned['phase']): Planned[] {
  return steps.map((step) => ({ step, phase }))
}

interface GroupOptions {
  phase: Omit<Phase, 'captured'>
  /** Asked before each step: why it does not run. */
  obstacle: () => string | null
  onResult: (result: SmokeResult) => void
}

/** The results of a group in the order of its steps; what it captured is there for later ones. */
async function runGroup(
  group: readonly Planned[],
  run: SmokeRun,
  { phase, obstacle, onResult }: GroupOptions,
): Promise<SmokeResult[]> {
  const captured: Phase['captured'] = new Map()
  const results = new Map<Planned, SmokeResult>()
  const limit = run.request.concurrency ?? defaultConcurrency
  await inParallel(group, limit, async (each) => {
    const reason = obstacle()
    const result =
      reason === null ? await runStep(each, run, { ...phase, captured }) : notRun(each, run, reason)
    results.set(each, result)
    onResult(result)
  })
  for (const [name, value] of captured) run.values.set(name, value)
  return group.map((each) => results.get(each)!)
}

function obstacleTo({ signal, request, now, endsAt }: SmokeRun): string | null {
  if (signal.aborted) return 'interrupted'
  if (now() < endsAt) return null
  return `the time limit of ${request.timeoutMs} ms for all steps was reached`
}

/** Clears up whatever a step may have left behind, within a time of its own; each step for itself. */
async function runTeardown(
  request: SmokeRequest,
  run: SmokeRun,
  tested: readonly SmokeResult[],
): Promise<SmokeResult[]> {
  const { teardown = [], teardownTimeoutMs = defaultTeardownMs } = request
  const isNeeded = tested.some(({ attempts }) => attempts > 0)
  const results: SmokeResult[] = []
  const endsAt = run.now() + teardownTimeoutMs
  const late = `the time limit of ${teardownTimeoutMs} ms for the teardown was reached`
  for (const group of groupsOf(teardown)) {
    const found = await runGroup(planned(group, 'teardown'), run, {
      phase: { endsAt, signal: undefined },
      obstacle: () => (isNeeded ? (run.now() < endsAt ? null : late) : 'nothing ran before it'),
      onResult: () => undefined,
    })
    results.push(...found)
  }
  return results
}
