import { isUnderWay, neverStarted, type Deployment } from './deployment.ts'
import type { Release } from './release.ts'

export interface RollbackChoice {
  target: Release
  /** The deployment that proved the target. */
  proven_by: string
  /** False when it was only seen to succeed, and never verified by gonogo. */
  verified: boolean
  /** True when it had reached a guarded environment without a verified approval. */
  bypass: boolean
  explanation: string
}

export interface NoRollback {
  target: null
  explanation: string
}

/**
 * The last verified release of the environment that differs from what it runs now. Deployments that
 * are under way, cancelled, failed or unverified prove nothing and are never a target. Of those that
 * others made, gonogo has only the platform's word for their success: they count, and it is said.
 * `history` is newest first; `wanted` narrows the choice to one commit.
 */
export function chooseRollback(
  history: readonly Deployment[],
  currentSha: string | null,
  heldShas: ReadonlySet<string>,
  wanted?: string,
): RollbackChoice | NoRollback {
  const proven = history.filter(isProven)
  const others = proven.filter((row) => row.release.sha !== currentSha)
  if (wanted !== undefined) return explicitTarget(others, currentSha, heldShas, wanted)
  const usable = others.find((row) => !heldShas.has(row.release.sha))
  if (usable) {
    return {
      target: usable.release,
      proven_by: usable.id,
      verified: usable.verified,
      bypass: usable.bypass,
      explanation: `${usable.release.version} is the last release ${provenHow(usable)} here (${usable.id}) that is not running now`,
    }
  }
  return { target: null, explanation: noTarget(proven.length, others.length) }
}

/**
 * For an emergency: a named release that was put here before, however that ended. It proves nothing, which
 * is for whoever approves it to judge.
 */
export function chooseAnyway(
  history: readonly Deployment[],
  currentSha: string | null,
  wanted: string | undefined,
): RollbackChoice | NoRollback {
  if (wanted === undefined)
    return { target: null, explanation: 'nothing was verified here: name a target_version' }
  const short = wanted.slice(0, 12)
  if (wanted === currentSha) return { target: null, explanation: `${short} is what runs here now` }
  const match = history.find(
    (row) => row.release.sha === wanted && !isUnderWay(row) && !neverStarted(row),
  )
  if (!match) return { target: null, explanation: `${short} was never put into this environment` }
  const { release: target, id: proven_by, verified, bypass, status } = match
  const explanation = `${target.version} was asked for in an emergency; ${proven_by} ended as ${status} here`
  return { target, proven_by, verified, bypass, explanation }
}

function isProven({ status, verified, kind, release }: Deployment): boolean {
  return status === 'success' && (verified || kind === 'observed') && release.sha !== ''
}

function provenHow({ verified }: Deployment): string {
  return verified ? 'verified' : 'seen to succeed'
}

function explicitTarget(
  others: readonly Deployment[],
  currentSha: string | null,
  heldShas: ReadonlySet<string>,
  wanted: string,
): RollbackChoice | NoRollback {
  if (wanted === currentSha) {
    return { target: null, explanation: `${wanted.slice(0, 12)} is what runs here now` }
  }
  const match = others.find((row) => row.release.sha === wanted)
  if (!match) {
    return {
      target: null,
      explanation: `${wanted.slice(0, 12)} was never verified in this environment`,
    }
  }
  if (heldShas.has(wanted)) {
    const explanation = `${match.release.version} is held after an earlier rollback`
    return { target: null, explanation }
  }
  return {
    target: match.release,
    proven_by: match.id,
    verified: match.verified,
    bypass: match.bypass,
    explanation: `${match.release.version} was asked for and ${provenHow(match)} here by ${match.id}`,
  }
}

function noTarget(proven: number, others: number): string {
  if (proven === 0) return 'no deployment to this environment was ever verified'
  if (others === 0) return 'the only verified release is the one that runs now'
  return 'every other verified release is held after an earlier rollback'
}
