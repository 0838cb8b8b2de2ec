import type { Verdict, GateInput } from '../../core/gate.ts'
import { decide } from '../../core/gate.ts'
import { planText, type Plan, type PlanAction } from '../../core/plan.ts'
import type { Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'
import { pipelineOf } from './environments.ts'
import { observe } from './observe.ts'
import { hasUrl, smokeSteps } from './smoke.ts'
import { trustGates } from './trust.ts'

/** What a caller wants done. */
export interface PlanRequest {
  action: PlanAction
  environment: Environment
  release: Release
  /** The ref as the caller gave it. */
  git_ref: string
  /** What this action demands; whether the policy is trusted is asked for every one. */
  gates: GateInput[]
  skips?: string[]
  warnings?: string[]
  reason?: string
  preempts?: string | null
}

/** A plan with its hash and the gate's word on it. */
export interface Planned {
  plan: Plan
  /** Canonical JSON: the bytes of `hash`. */
  text: string
  hash: string
  verdict: Verdict
  environment: Environment
  git_ref: string
}

/** Derives the plan. Reads and asks, changes nothing; the same world gives the same hash. */
export async function derivePlan(call: Call, request: PlanRequest): Promise<Planned> {
  const { environment, release } = request
  const gates = [...request.gates, ...(await trustGates(environment, call))]
  const { action } = request
  const named = { sha: release.sha, version: release.version }
  const pipeline = await pipelineOf(call).describe({ action, environment, release: named })
  const { release: from, drift } = await observe(call, environment)
  const verdict = decide(gates)
  const verify = verificationOf(call, environment)
  const plan: Plan = {
    format: 'gonogo-plan-v1',
    action,
    project: call.project.name,
    environment: environment.name,
    release: named,
    from,
    pipeline,
    checks: gates.map(({ check, requirement }) => ({
      name: check.check_name,
      requirement,
      status: check.status,
    })),
    skips: request.skips ?? [],
    verify,
    warnings: [
      ...verdict.warnings,
      ...(request.warnings ?? []),
      ...(drift === null ? [] : [drift]),
      ...movedTag(from, release),
      ...standingWarnings(environment, pipeline.isolation, verify),
    ],
    preempts: request.preempts ?? null,
    reason: request.reason ?? null,
    policy_hash: call.policyHash,
  }
  const text = planText(plan)
  const { git_ref } = request
  return { plan, text, hash: call.runtime.sha256(text), verdict, environment, git_ref }
}

/** What really will decide: a suite that has no steps or no live system to ask decides nothing. */
function verificationOf(call: Call, environment: Environment): Plan['verify'] {
  const { verify } = environment
  if (verify === 'off' || !hasUrl(environment)) return 'off'
  return smokeSteps(call, verify).length === 0 ? 'off' : verify
}

/** A tag that points elsewhere than it did cannot tell the two releases apart. */
function movedTag(from: Release | null, to: Release): string[] {
  if (from === null || from.version !== to.version || from.sha === to.sha) return []
  return [`${to.version} names another commit than the ${from.version} that runs now`]
}

function standingWarnings(environment: Environment, isolation: string, verify: string): string[] {
  const warnings: string[] = []
  if (isolation === 'none')
    warnings.push('isolation: none (the release runs as the user gonogo runs as)')
  if (verify === 'off') warnings.push('no smoke tests decide the outcome')
  if (environment.version === null) warnings.push('the live system is not asked what it runs')
  return warnings
}
