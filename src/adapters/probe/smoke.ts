import type { SmokeRequest, SmokeResult } from '../../ports/probe.ts'
import { notRun, prepareRun, type SmokeRun } from './smoke-run.ts'
import { runStep } from './smoke-step.ts'

/** Runs the steps in order; the first that fails is the last that runs. */
export async function runSmoke(request: SmokeRequest, now: () => number): Promise<SmokeResult[]> {
  const run = prepareRun(request, now)
  const results: SmokeResult[] = []
  let failed: string | null = null
  for (const step of request.steps) {
    const obstacle: string | null = failed === null ? obstacleTo(run) : `${failed} failed`
    const result =
      obstacle === null ? await runStep(step, run) : notRun(step, run, `not run: ${obstacle}`)
    results.push(result)
    if (!result.passed) failed ??= step.name
    if (result.ran) request.onStep?.(results.length, request.steps.length, step.name)
  }
  return results
}

function obstacleTo(run: SmokeRun): string | null {
  if (run.signal?.aborted) return 'interrupted'
  if (run.now() < run.endsAt) return null
  return `the time limit of ${run.timeoutMs} ms for all steps was reached`
}
