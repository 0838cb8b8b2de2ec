import { failed, passed, type Check } from '../../core/check.ts'
import type { Environment, SmokeStep } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import type { SmokeResult } from '../../ports/probe.ts'
import { smokeCheckName } from './evidence.ts'

export type SmokeSuite = 'basic' | 'full'

/** The full suite is the basic one and more: whoever passed it passed both. */
export function smokeSteps(call: Call, suite: SmokeSuite): readonly SmokeStep[] {
  const { basic, full } = call.project.smoke
  return suite === 'basic' ? basic : [...basic, ...full]
}

/** Runs a suite against the live environment, whose URL must be configured. */
export async function runSmoke(
  call: Call,
  environment: Environment & { url: string },
  suite: SmokeSuite,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<SmokeResult[]> {
  return await call.probe.smoke({
    baseUrl: environment.url,
    steps: smokeSteps(call, suite),
    variables: await call.variables.of(environment),
    timeoutMs,
    ...(signal && { signal }),
    onStep: (done, total, name) => call.progress(`smoke: ${name}`, done, total),
  })
}

/** A suite's results as one check. */
export function smokeCheck(
  environment: Environment,
  suite: SmokeSuite,
  results: readonly SmokeResult[],
): Check {
  const details = { environment: environment.name, suite, results }
  const broken = results.find((result) => !result.passed)
  if (broken) return failed(smokeCheckName, `${broken.name}: ${broken.message}`, details)
  const message = `${results.length} ${suite} smoke test(s) passed on ${environment.name}`
  return passed(smokeCheckName, message, details)
}

export function hasUrl(environment: Environment): environment is Environment & { url: string } {
  return environment.url !== null
}
