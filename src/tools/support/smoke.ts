import { failed, passed, type Check } from '../../core/check.ts'
import type { Environment, Project } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import { teardownFor, type SmokeStep } from '../../core/smoke.ts'
import type { Call } from '../../ports/context.ts'
import type { SmokeResult } from '../../ports/probe.ts'
import { smokeCheckName } from './evidence.ts'

export type SmokeSuite = 'basic' | 'full'

/** The full suite is the basic one and more: whoever passed it passed both. */
export function smokeSteps(call: Call, suite: SmokeSuite): readonly SmokeStep[] {
  const { basic, full } = call.project.smoke
  return suite === 'basic' ? basic : [...basic, ...full]
}

export interface SmokeOptions {
  suite: SmokeSuite
  timeoutMs: number
  /** What the environment should be running; null: nobody knows. */
  release: Release | null
  /** Failing steps carry what was sent and answered. */
  exchange?: boolean
  signal?: AbortSignal
}

/** Runs a suite against the live environment, whose URL must be configured. */
export async function runSmoke(
  call: Call,
  environment: Environment & { url: string },
  { suite, ...options }: SmokeOptions,
): Promise<SmokeResult[]> {
  const { setup, teardown, teardown_seconds, concurrency } = call.project.smoke
  const steps = smokeSteps(call, suite)
  return await call.probe.smoke({
    ...options,
    baseUrl: environment.url,
    setup,
    steps,
    teardown: teardownFor([...setup, ...steps], teardown),
    teardownTimeoutMs: teardown_seconds * 1000,
    concurrency,
    versionPath: environment.version?.json_path ?? null,
    allowedHosts: allowedHosts(call.project, environment),
    variables: await call.variables.of(environment),
    onStep: (done, total, name) => call.progress(`smoke: ${name}`, done, total),
  })
}

/** Hosts that may be reached besides the one of the environment's URL. */
export function allowedHosts({ smoke }: Project, environment: Environment): string[] {
  return [...hostsOf(environment), ...smoke.allowed_hosts]
}

/** Hosts that the environment itself is asked at. */
function hostsOf({ health, version }: Environment): string[] {
  const addresses = [...Object.values(health), ...(version ? [version.url] : [])]
  return addresses.flatMap((address) => {
    const url = URL.parse(address)
    return url ? [`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`] : []
  })
}

/** What a run came to. The teardown only warns: what was tested has worked. */
export function outcomeOf(results: readonly SmokeResult[]) {
  const decisive = results.filter(({ phase }) => phase !== 'teardown')
  const teardown = results.filter(({ phase, passed: isDone }) => phase === 'teardown' && !isDone)
  return {
    broken: decisive.find((result) => !result.passed) ?? null,
    tested: decisive.filter(({ phase }) => phase === 'test').length,
    warnings: [
      ...decisive
        .filter(({ flaky }) => flaky)
        .map(({ name, attempts }) => `flaky: ${name} passed only at attempt ${attempts}`),
      ...teardown.map(({ name, message }) => `teardown: ${name}: ${message}`),
    ],
  }
}

/** A suite's results as one check. */
export function smokeCheck(
  environment: Environment,
  suite: SmokeSuite,
  results: readonly SmokeResult[],
): Check {
  const { broken, tested, warnings } = outcomeOf(results)
  const details = { environment: environment.name, suite, results: results.map(withoutExchange) }
  if (broken) return failed(smokeCheckName, `${broken.name}: ${broken.message}`, details)
  const message = `${tested} ${suite} smoke test(s) passed on ${environment.name}`
  return passed(smokeCheckName, [message, ...warnings].join('; '), details)
}

/** Shown to whoever asked for it, and kept nowhere: it is other people's data. */
function withoutExchange({ exchange: _exchange, ...result }: SmokeResult): SmokeResult {
  return result
}

export function hasUrl(environment: Environment): environment is Environment & { url: string } {
  return environment.url !== null
}
