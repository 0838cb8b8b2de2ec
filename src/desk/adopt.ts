import type { Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import type { Environment } from '../core/project.ts'
import { namesRelease, type ResolvedRef } from '../core/release.ts'
import { principalLabel } from '../core/principal.ts'
import { isPlainWord, oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import { environmentNamed } from '../tools/support/environments.ts'
import { liveVersion } from '../tools/support/observe.ts'
import { audited } from './audited.ts'

export interface Adopted {
  deployment_id: string
  environment: string
  version: string
  /** True when the live system itself named this release; only then can it be a rollback target. */
  verified: boolean
  message: string
}

/** Records what an environment runs already, so that history has a starting point. */
export async function adopt(call: Call, name: string, ref: string): Promise<Adopted> {
  const environment = environmentNamed(call.project, name)
  const release = await call.source.resolve(ref)
  const live = await liveVersion(call, environment)
  const reported = live.asked ? live.reported : null
  if (reported !== null && !namesRelease(reported, release))
    throw contradicted(name, release, reported)
  const verified = reported !== null
  const id = call.runtime.id('dep')
  const { sha, version } = release
  const details = { version, sha, verified }
  const act = { operation: 'adopt', environment: name, details, correlation_id: id }
  const row = adoption(call, environment, release, { id, verified })
  await audited(call, act, () => call.store.write((tables) => tables.deployments.insert(row)))
  const message = verified
    ? `${name} itself reports this release`
    : `recorded on your word: ${name} was not asked or did not say, so it is no rollback target`
  return { deployment_id: id, environment: name, version, verified, message }
}

function contradicted(name: string, release: ResolvedRef, reported: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${name} reports ${oneLine(reported, 64)}, not ${release.version}`,
    // What a live system answers is not pasted into a command unless it can do no harm there.
    hint: isPlainWord(reported)
      ? `run gonogo adopt ${name} ${reported} if that is what runs`
      : `look at ${name}: that is no version anybody can adopt`,
  })
}

function adoption(
  call: Call,
  environment: Environment,
  release: ResolvedRef,
  { id, verified }: { id: string; verified: boolean },
): Deployment {
  const now = call.runtime.now()
  return {
    id,
    project: call.project.name,
    environment: environment.name,
    kind: 'adoption',
    status: 'success',
    phase: 'ended',
    release: { sha: release.sha, version: release.version },
    from: null,
    git_ref: release.git_ref,
    initiated_by: principalLabel(call.principal),
    reason: null,
    plan_hash: '',
    plan: '',
    approval_id: null,
    preempts: null,
    run_id: null,
    external_id: null,
    bypass: false,
    health_status: 'unknown',
    fault: null,
    verified,
    created_at: now,
    completed_at: now,
    due_at: now,
    lease_owner: null,
    lease_until: 0,
    fence: 0,
    attempt: 0,
    last_error: null,
  }
}
