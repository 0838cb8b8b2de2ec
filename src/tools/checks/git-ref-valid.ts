import { couldNotRun, failed, passed } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { CheckRunner } from './check-runner.ts'

/** One commit of the real repository, reachable from the branch that releases come from. */
export const gitRefValid: CheckRunner = {
  name: 'git_ref_valid',
  foresee: ({ release }) => ({
    runs: true,
    text: `resolve ${release.git_ref} and look for it below the default branch`,
  }),
  async run({ environment, release }, call) {
    try {
      const branch = await call.source.defaultBranch()
      const details = {
        sha: release.sha,
        kind: release.kind,
        committed_at: release.committed_at,
        subject: oneLine(release.subject, 120),
        default_branch: branch,
      }
      if (await call.source.isAncestor(release.sha, branch)) {
        return passed('git_ref_valid', `${release.version} is on ${branch}`, details)
      }
      const message = `${release.version} is not reachable from ${branch}: merge it first`
      return failed('git_ref_valid', message, details)
    } catch (error) {
      const message = toFailure(error).message
      return couldNotRun('git_ref_valid', environment.checks.git_ref_valid, message)
    }
  },
}
