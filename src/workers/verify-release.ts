import { failed, passed, type Check } from '../core/check.ts'
import type { DeploymentEvent, Health } from '../core/deployment.ts'
import type { Environment } from '../core/project.ts'
import { namesRelease } from '../core/release.ts'
import { oneLine } from '../core/text.ts'
import { askEndpoints } from '../tools/support/health.ts'
import { liveVersion } from '../tools/support/observe.ts'
import { smokeSubject } from '../tools/support/evidence.ts'
import { hasUrl, runSmoke, smokeCheck, smokeSteps } from '../tools/support/smoke.ts'
import { planOf, targetOf } from './policy.ts'
import type { Step, StepCheck, StepRequest } from './step.ts'

type LiveRequest = StepRequest & { environment: Environment }

/** How long a fresh release may take to report itself and its health. */
const settleMs = 30_000
const askAgainMs = 250
const smokeTimeoutMs = 300_000

/**
 * A green run is not a deployment: the live system has to name the release, report its components
 * healthy and pass its smoke tests. Stops at the first that fails.
 */
export const verifyRelease: Step = async (request) => {
  const target = targetOf(request)
  if ('problem' in target) return { event: notVerifiable(target.problem) }
  const checks: StepCheck[] = []
  for (const verify of [verifyVersion, verifyHealth, verifySmoke]) {
    const found = await verify({ ...request, ...target })
    if (!found) continue
    checks.push(found)
    request.call.runtime.reached(`verify.${found.check.check_name}`)
    if (found.check.status !== 'passed') return { event: failure(found.check), checks }
  }
  const live = checks.length > 0
  const asked = checks.some(({ check }) => check.check_name !== 'live_version')
  const health: Health = asked ? 'healthy' : 'unknown'
  return { event: { type: 'verified', health, live }, checks }
}

function notVerifiable(cause: string): DeploymentEvent {
  return { type: 'verification_failed', step: null, cause, health: 'unknown' }
}

function failure(check: Check): DeploymentEvent {
  const health: Health = check.check_name === 'live_version' ? 'unknown' : 'unhealthy'
  return { type: 'verification_failed', step: check.check_name, cause: check.message, health }
}

async function verifyVersion(request: LiveRequest): Promise<StepCheck | null> {
  const { call, deployment, environment } = request
  if (!environment.version) return null
  const { release } = deployment
  const check = await settle(request, async () => {
    const live = await liveVersion(call, environment)
    if (!live.asked) return failed('live_version', 'was not asked')
    if (live.reported === null) return failed('live_version', live.problem)
    const reported = oneLine(live.reported, 64)
    return namesRelease(live.reported, release)
      ? passed('live_version', `reports ${reported}`, { reported })
      : failed('live_version', `reports ${reported}, not ${release.version}`, { reported })
  })
  return { check, environment: environment.name, subject: '' }
}

async function verifyHealth(request: LiveRequest): Promise<StepCheck | null> {
  const { call, environment } = request
  if (Object.keys(environment.health).length === 0) return null
  const check = await settle(request, async () => {
    const answers = await askEndpoints(call, environment)
    const ill = Object.entries(answers).filter(([, answer]) => answer.status !== 'healthy')
    if (ill.length === 0) return passed('health', 'every component is healthy', { answers })
    const message = ill.map(([component, answer]) => `${component} ${answer.message}`).join('; ')
    return failed('health', message, { answers })
  })
  return { check, environment: environment.name, subject: '' }
}

async function verifySmoke({
  call,
  deployment,
  environment,
  signal,
}: LiveRequest): Promise<StepCheck | null> {
  const { verify } = planOf(deployment)
  if (verify === 'off') return null
  if (!hasUrl(environment) || smokeSteps(call, verify).length === 0) {
    // The approver was told that these tests decide: without them nothing was verified.
    const check = failed('smoke_tests', `the planned ${verify} smoke tests cannot be run`)
    return { check, environment: environment.name, subject: '' }
  }
  const results = await runSmoke(call, environment, {
    suite: verify,
    timeoutMs: smokeTimeoutMs,
    release: deployment.release,
    signal,
  })
  signal.throwIfAborted()
  const check = smokeCheck(environment, verify, results)
  return { check, environment: environment.name, subject: smokeSubject(call, environment) }
}

/** Asks until it passes or the time to settle is over; a fresh service may need a moment. */
async function settle({ call, signal }: StepRequest, ask: () => Promise<Check>): Promise<Check> {
  const started = call.runtime.now()
  for (;;) {
    const check = await ask()
    const duration_ms = call.runtime.now() - started
    if (check.status === 'passed' || duration_ms > settleMs) return { ...check, duration_ms }
    await call.runtime.sleep(askAgainMs, signal)
  }
}
