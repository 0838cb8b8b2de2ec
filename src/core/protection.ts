/** How the platform protects one of its environments against who may start a deployment there. */
export interface Protection {
  /** As the platform calls it. */
  name: string
  /** Logins and teams whose review it wants; empty: none. */
  reviewers: string[]
  /** Who starts a run may not review it. */
  preventsSelfReview: boolean
  /** Reviewers that are the very identity deployments are started with. */
  ownReview: string[]
  /** Apps that have to agree; null: they cannot be seen. */
  apps: string[] | null
  /** Null: the platform does not say. */
  adminsMayBypass: boolean | null
  branches: ProtectedBranches
}

export type ProtectedBranches =
  /** Any branch may deploy there. */
  | { kind: 'all' }
  /** Those the repository protects; `any`: whether it protects one at all. */
  | { kind: 'protected'; any: boolean }
  /** Patterns of names; null: they cannot be seen. */
  | { kind: 'selected'; patterns: string[] | null }

export interface ProtectionVerdict {
  status: 'passed' | 'failed' | 'warning' | 'unknown'
  message: string
}

/** Where a setting is changed. */
const settings = 'Settings, Environments on GitHub'

/** It does not exist: the platform would make it, open to all. */
export function unprotected(name: string): ProtectionVerdict {
  const message = `the environment ${name} does not exist: the first run would make it without protection; make and protect it under ${settings}`
  return { status: 'failed', message }
}

/**
 * Whether nobody can deploy there alone. `approval`: whether the workflow verifies a signed approval before
 * it deploys, which counts like a review where no other branch may bring a workflow of its own; null:
 * unknown.
 */
export function judgeProtection(
  protection: Protection,
  approval: boolean | null,
): ProtectionVerdict {
  const { name } = protection
  const branches = judgeBranches(protection.branches)
  if (branches.open) {
    const message = `any branch may deploy to ${name}${branches.why}, with a workflow of its own: limit its deployment branches under ${settings}`
    return { status: 'failed', message }
  }
  const holds = whoDecides(protection, approval)
  if (holds.length === 0) {
    const may = protection.apps === null || approval === null
    const message = may
      ? `whether anybody but who starts it decides about ${name} is unknown: it has no reviewers, and ${unseenPart(protection)}`
      : `nobody but who starts it decides about ${name}: add required reviewers under ${settings}, or a job that verifies the approval (docs/github.md)`
    return { status: may ? 'unknown' : 'failed', message }
  }
  if (branches.unseen) {
    const message = `the branches that may deploy to ${name} cannot be seen: give the token actions=read`
    return { status: 'unknown', message }
  }
  if (isWorkflowAlone(protection) && branches.makeable.length > 0) {
    const which = branches.makeable.join(', ')
    const message = `only its workflow verifies the approval, and whoever may make a branch or tag that fits ${which} brings another to ${name}: name the branches, or add required reviewers under ${settings}`
    return { status: 'warning', message }
  }
  if (protection.ownReview.length > 0 && !protection.preventsSelfReview) {
    const who = protection.ownReview.join(', ')
    const message = `${who}, whose token starts deployments, may review its own runs to ${name}: switch on "Prevent self-review" under ${settings}`
    return { status: 'warning', message }
  }
  const facts = [...holds, branches.text, ...asides(protection)]
  return { status: 'passed', message: `${name}: ${facts.join('; ')}` }
}

interface BranchVerdict {
  open: boolean
  unseen: boolean
  /** Why it is open all the same. */
  why: string
  /** Patterns that one can make a new branch for. */
  makeable: string[]
  text: string
}

function judgeBranches(branches: ProtectedBranches): BranchVerdict {
  const verdict = { open: false, unseen: false, why: '', makeable: [], text: '' }
  switch (branches.kind) {
    case 'all':
      return { ...verdict, open: true }
    case 'protected':
      return {
        ...verdict,
        open: !branches.any,
        why: ' (only protected ones may, and none is protected)',
        text: 'only protected branches',
      }
    case 'selected': {
      if (branches.patterns === null) return { ...verdict, unseen: true }
      const all = branches.patterns.find((pattern) => /^[*?/]*\*[*?/]*$/.test(pattern))
      const why = ` (the pattern ${all} fits them)`
      return {
        ...verdict,
        open: all !== undefined,
        why,
        makeable: branches.patterns.filter((pattern) => /[*?[]/.test(pattern)),
        text: `only ${branches.patterns.join(', ') || 'no branch'}`,
      }
    }
  }
}

/** Nobody decides but a job of the workflow, which is that of the branch it runs on. */
function isWorkflowAlone({ reviewers, apps }: Protection): boolean {
  return reviewers.length === 0 && (apps ?? []).length === 0
}

function whoDecides({ reviewers, apps }: Protection, approval: boolean | null): string[] {
  return [
    ...(reviewers.length > 0 ? [`reviewed by ${reviewers.join(', ')}`] : []),
    ...(apps !== null && apps.length > 0 ? [`decided by the app ${apps.join(', ')}`] : []),
    ...(approval === true ? ['its workflow verifies the approval'] : []),
  ]
}

function unseenPart({ apps }: Protection): string {
  return apps === null
    ? 'its protection rules cannot be seen: give the token actions=read'
    : 'its workflow could not be read: gonogo preflight tells why'
}

/** What weakens it by a setting that many want so. */
function asides({ reviewers, preventsSelfReview, adminsMayBypass }: Protection): string[] {
  return [
    ...(reviewers.length > 0 && !preventsSelfReview ? ['who starts a run may review it'] : []),
    ...(adminsMayBypass === true ? ['administrators may bypass it'] : []),
  ]
}
