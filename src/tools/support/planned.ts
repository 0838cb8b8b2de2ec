import type { Verdict, GateInput } from '../../core/gate.ts'
import { decide } from '../../core/gate.ts'
import { planText, type Plan, type PlanAction } from '../../core/plan.ts'
import type { ApprovalPolicy, Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import { waiverWarnings } from '../../core/waiver.ts'
import type { Call } from '../../ports/context.ts'
import { pipelineOf } from './environments.ts'
import type { Before } from './gates.ts'
import { observe, type Observation } from './observe.ts'
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
  /** Gates that would have blocked it without those waivers. */
  set_aside?: string[]
  warnings?: string[]
  reason?: string
  preempts?: string | null
  /** What it runs, where somebody has just asked; absent: it is asked now. */
  now?: Observation
  /** The environment before, and what it runs; null and absent: none counts. */
  before?: Before | null
}

/** A plan with its hash and the gate's word on it. */
export interface Planned {
  plan: Plan
  /** Canonical JSON: the bytes of `hash`. */
  text: string
  hash: string
  verdict: Verdict
  /** Every check the verdict rests on, with its evidence. */
  gates: GateInput[]
  /** Those that would have blocked it without the plan's waivers. */
  set_aside: string[]
  environment: Environment
  /** How consent to it is judged, as the policy that holds has it. */
  approvals: ApprovalPolicy
  git_ref: string
}

/** Derives the plan. Reads and asks, changes nothing; the same world gives the same hash. */
export async function derivePlan(call: Call, request: PlanRequest): Promise<Planned> {
  const { environment, release, skips = [], set_aside = [], reason = null } = request
  const gates = [...request.gates, ...(await trustGates(environment, call))]
  const { action } = request
  const named = { sha: release.sha, version: release.version }
  const pipeline = await pipelineOf(call).describe({ action, environment, release: named })
  const { release: from, drift } = request.now ?? (await observe(call, environment))
  const verdict = decide(gates)
  const verify = verificationOf(call, environment)
  const plan: Plan = {
    format: 'gonogo-plan-v2',
    action,
    project: call.project.name,
    environment: environment.name,
    release: named,
    from,
    before: ranBefore(request.before ?? null),
    pipeline,
    checks: gates.map(plannedCheck),
    images: gates.flatMap(({ check }) => check.planned?.images ?? []),
    migrations:
      gates.find(({ check }) => check.planned?.migrations)?.check.planned?.migrations ?? null,
    skips,
    verify,
    warnings: [
      ...waiverWarnings(skips, set_aside, reason),
      ...verdict.warnings,
      ...(request.warnings ?? []),
      ...driftWarnings(drift, from, release),
      ...(await standingWarnings(call, environment, pipeline.isolation, verify)),
    ],
    preempts: request.preempts ?? null,
    reason,
    policy_hash: call.policyHash,
  }
  const { git_ref } = request
  const { approvals } = call.project
  return { ...sealed(call, plan), verdict, gates, set_aside, environment, approvals, git_ref }
}

function plannedCheck({ check, requirement }: GateInput): Plan['checks'][number] {
  return { name: check.check_name, requirement, status: check.status }
}

function ranBefore(before: Before | null): Plan['before'] {
  return before && { environment: before.environment.name, release: before.seen.release }
}

function sealed({ runtime }: Call, plan: Plan): Pick<Planned, 'plan' | 'text' | 'hash'> {
  const text = planText(plan)
  return { plan, text, hash: runtime.sha256(text) }
}

/** What really will decide: a suite that has no steps or no live system to ask decides nothing. */
function verificationOf(call: Call, environment: Environment): Plan['verify'] {
  const { verify } = environment
  if (verify === 'off' || !hasUrl(environment)) return 'off'
  return smokeSteps(call, verify).length === 0 ? 'off' : verify
}

/** A tag that points elsewhere than it did cannot tell the two releases apart. */
function driftWarnings(drift: string | null, from: Release | null, to: Release): string[] {
  const told = drift === null ? [] : [drift]
  if (from === null || from.version !== to.version || from.sha === to.sha) return told
  return [...told, `${to.version} names another commit than the ${from.version} that runs now`]
}

async function standingWarnings(
  call: Call,
  environment: Environment,
  isolation: string,
  verify: string,
): Promise<string[]> {
  const warnings: string[] = []
  if (isolation === 'none')
    warnings.push('isolation: none (the release runs as the user gonogo runs as)')
  if (verify === 'off') warnings.push('no smoke tests decide the outcome')
  if (environment.version === null) warnings.push('the live system is not asked what it runs')
  // Machines with stores of their own go by the platform's lock.
  const unlocked = await call.pipeline?.lock?.problem()
  if (unlocked) warnings.push(`other machines are not kept out: ${unlocked}`)
  return warnings
}
