import type { GateInput } from '../../core/gate.ts'
import type { PlanAction } from '../../core/plan.ts'
import { productionOf, type Environment } from '../../core/project.ts'
import { waive } from '../../core/waiver.ts'
import type { Call } from '../../ports/context.ts'
import { configuredGates, holdGate, observeBefore, provenGates, type Before } from './gates.ts'
import { lineGates } from './line.ts'
import { derivePlan, type Planned } from './planned.ts'
import { subjectOf, type Subject } from './subject.ts'
import { changedSinceValidation } from './validated-plan.ts'

/** A release on its way forward into an environment. */
export interface Forward {
  environment: Environment
  git_ref: string
  allowOlder?: boolean | undefined
  skipSmokeTests?: boolean | undefined
  /** An open freeze does not block; a person has to consent to that. */
  overrideFreeze?: boolean | undefined
  /** Nor does the want of a proof from the environment before; and a review is owed afterwards. */
  breakGlass?: boolean | undefined
  reason?: string | null | undefined
}

/**
 * The plan of putting a release into an environment, with what the gate says of it: checks by their
 * stored results, everything else asked now, and what changed since it was validated.
 */
export async function planFor(call: Call, wanted: Forward): Promise<Planned> {
  const subject = await subjectOf(call, wanted)
  const checks = await configuredGates(subject, subject.call)
  const planned = await planOf(subject, checks, wanted)
  // What the environment before runs is no question where nobody wants its proof.
  const unasked = wanted.breakGlass ? (['before'] as const) : []
  const changed = await changedSinceValidation(call, planned, unasked)
  if (changed.length === 0) return planned
  const { blockers, warnings } = planned.verdict
  return { ...planned, verdict: { go: false, blockers: [...blockers, ...changed], warnings } }
}

/** The same over checks that have just been run. */
export async function planOf(
  subject: Subject,
  checks: GateInput[],
  wanted: Omit<Forward, 'environment' | 'git_ref' | 'allowOlder'> = {},
): Promise<Planned> {
  const { call, environment, release, git_ref, warnings, now } = subject
  const { skipSmokeTests = false, reason = null } = wanted
  const action = actionInto(call, environment)
  const before = action === 'promote' ? await observeBefore(call, environment) : null
  const standing = await standingGates(subject, before, skipSmokeTests)
  const skips = skipsOf(subject, wanted)
  const { gates, set_aside } = waive([...checks, ...subject.gates, ...standing], {
    action,
    before: before?.environment.name ?? null,
    skips,
  })
  return await derivePlan(call, {
    action,
    environment,
    release,
    git_ref,
    gates,
    skips,
    set_aside,
    warnings,
    ...(reason !== null && { reason }),
    now,
    before,
  })
}

/** Waivers by the names they have as arguments, the gravest first. */
function skipsOf(
  { allowOlder }: Subject,
  { breakGlass, overrideFreeze, skipSmokeTests }: Partial<Forward>,
): string[] {
  return [
    ...(breakGlass ? ['break_glass'] : []),
    ...(overrideFreeze ? ['override_freeze'] : []),
    ...(skipSmokeTests ? ['skip_smoke_tests'] : []),
    // Who approves it may not see from two versions which one is older.
    ...(allowOlder ? ['allow_older'] : []),
  ]
}

/** What holds for every deployment, whatever checks are configured. */
async function standingGates(
  { call, environment, release }: Subject,
  before: Before | null,
  waived: boolean,
): Promise<GateInput[]> {
  return [
    ...(await provenGates(before, release, waived, call)),
    await holdGate(environment, release, call),
    ...(await lineGates(environment, call)),
  ]
}

/** Only the last environment wants its release to be proven in the one before. */
function actionInto({ project }: Call, environment: Environment): Exclude<PlanAction, 'rollback'> {
  return productionOf(project)?.name === environment.name ? 'promote' : 'deploy'
}
