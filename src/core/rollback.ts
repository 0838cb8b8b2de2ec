import type { Deployment } from './deployment.ts'
import type { Release } from './release.ts'

export interface RollbackChoice {
  target: Release
  /** The deployment that proved the target. */
  proven_by: string
  explanation: string
}

export interface NoRollback {
  target: null
  explanation: string
}

/**
 * The last verified release of the environment that differs from what it runs now. Deployments that
 * are under way, cancelled, failed or unverified prove nothing and are never a target.
 * `history` is newest first; `wanted` narrows the choice to one commit.
 */
export function chooseRollback(
  history: readonly Deployment[],
  currentSha: string | null,
  heldShas: ReadonlySet<string>,
  wanted?: string,
): RollbackChoice | NoRollback {
  const proven = history.filter((row) => row.status === 'success' && row.verified)
  const others = proven.filter((row) => row.release.sha !== currentSha)
  if (wanted !== undefined) return explicitTarget(others, currentSha, heldShas, wanted)
  const usable = others.find((row) => !heldShas.has(row.release.sha))
  if (usable) {
    return {
      target: usable.release,
      proven_by: usable.id,
      explanation: `${usable.release.version} is the last release verified here (${usable.id}) that is not running now`,
    }
  }
  return { target: null, explanation: noTarget(proven.length, others.length) }
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
    explanation: `${match.release.version} was asked for and verified here by ${match.id}`,
  }
}

function noTarget(proven: number, others: number): string {
  if (proven === 0) return 'no deployment to this environment was ever verified'
  if (others === 0) return 'the only verified release is the one that runs now'
  return 'every other verified release is held after an earlier rollback'
}
