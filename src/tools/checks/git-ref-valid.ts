import { failed, passed, warned, type Check } from '../../core/check.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Kinship } from '../../ports/source.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner, type CheckSubject } from './check-runner.ts'

const name = 'git_ref_valid'

/** One commit of the real repository, on the branch that releases come from, that takes nothing back. */
export const gitRefValid: CheckRunner = {
  name,
  requirement: byPolicy(name),
  foresee: ({ release, environment }) => ({
    runs: true,
    text: `look for ${release.git_ref} below the default branch, and whether it is older than what ${environment.name} runs`,
  }),
  async run(subject, call) {
    const { environment, release } = subject
    try {
      const branch = await call.source.defaultBranch()
      if (!(await call.source.isAncestor(release.sha, branch))) {
        const message = `${release.version} is not reachable from ${branch}: merge it first`
        return failed(name, message, details(subject, branch))
      }
      return ordered(subject, branch, await kinship(subject, call))
    } catch (error) {
      return unseenCheck(name, environment.checks.git_ref_valid, error)
    }
  },
}

/** Unknown: nobody knows what runs, or the history does not tell and was not to be decisive. */
type Order = Kinship | 'unknown'

async function kinship({ release, now, allowOlder }: CheckSubject, call: Call): Promise<Order> {
  if (now.release === null) return 'unknown'
  try {
    return await call.source.compare(release.sha, now.release.sha)
  } catch (error) {
    // What runs may be gone from the repository for good.
    if (allowOlder) return 'unknown'
    throw error
  }
}

function ordered(subject: CheckSubject, branch: string, order: Order): Check {
  const { release, now, environment, allowOlder } = subject
  const evidence = { ...details(subject, branch), order }
  const good = `${release.version} is on ${branch}`
  if (now.release === null) {
    return passed(name, `${good}; what ${environment.name} runs is unknown`, evidence)
  }
  const running = `${now.release.version} that runs in ${environment.name}`
  const told = {
    older: `${release.version} is older than ${running}`,
    diverged: `${release.version} lacks commits of ${running}`,
    unknown: `whether ${release.version} is older than ${running} is unknown`,
    same: `${release.version} is on ${branch} and runs in ${environment.name} already`,
    newer: good,
  }[order]
  if (order === 'same' || order === 'newer') return passed(name, told, evidence)
  if (allowOlder) return passed(name, `${good}; ${told}, which allow_older accepts`, evidence)
  return order === 'diverged'
    ? warned(name, `${told}: merge them, or pass allow_older`, evidence)
    : failed(name, `${told}: pass allow_older, or use rollback_deployment`, evidence)
}

function details({ release, now, allowOlder }: CheckSubject, branch: string) {
  return {
    sha: release.sha,
    git_ref: release.git_ref,
    kind: release.kind,
    committed_at: release.committed_at,
    subject: oneLine(release.subject, 120),
    default_branch: branch,
    running: now.release?.sha ?? null,
    allow_older: allowOlder,
  }
}
