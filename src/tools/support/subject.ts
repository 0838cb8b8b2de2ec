import { failed } from '../../core/check.ts'
import type { GateInput } from '../../core/gate.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import type { CheckSubject } from '../checks/check-runner.ts'
import { underBasePolicy } from './base-policy.ts'
import { observe } from './observe.ts'

/** What somebody wants to put where. */
export interface Wanted {
  environment: Environment
  git_ref: string
  allowOlder?: boolean | undefined
}

/** What the checks are about, under the policy that really holds. */
export interface Subject extends CheckSubject {
  /** The call as that policy has it. */
  call: Call
  git_ref: string
  /** What the policy of the base ref adds to the checks; empty almost always. */
  gates: GateInput[]
  warnings: string[]
}

/** Resolves the ref, asks what runs, and lets no change lower its own gate. */
export async function subjectOf(asked: Call, wanted: Wanted): Promise<Subject> {
  const { git_ref, allowOlder = false } = wanted
  const release = await asked.source.resolve(git_ref)
  const { call, environment, warnings, problem } = await underBasePolicy(asked, wanted.environment)
  const now = await observe(call, environment)
  const gates: GateInput[] =
    problem === null ? [] : [{ requirement: 'required', check: failed('base_policy', problem) }]
  return { call, environment, release, now, allowOlder, git_ref, gates, warnings }
}
