import { couldNotRun, failed, passed } from '../../core/check.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'clock_skew'

const toleratedMs = 60_000

/** Whether this machine and the platform mean the same by "now". */
export const clockSkew: CheckRunner = {
  name,
  requirement: byPolicy(name),
  // A clock that is set right is no reason to sign a plan again.
  onlyInValidation: true,
  applies: ({ pipeline }) => pipeline?.clockAhead !== undefined,
  foresee: () => ({ runs: true, text: "compare this machine's clock with GitHub's" }),
  async run({ environment }, { pipeline }) {
    const requirement = environment.checks[name]
    try {
      const ahead = (await pipeline?.clockAhead?.()) ?? null
      if (ahead === null) return couldNotRun(name, requirement, 'GitHub did not tell its time')
      const details = { github_ahead_ms: ahead }
      if (Math.abs(ahead) <= toleratedMs) {
        return passed(name, "this machine's clock and GitHub's agree to within a minute", details)
      }
      const way = ahead > 0 ? 'behind' : 'ahead of'
      const message = `this machine's clock is more than a minute ${way} GitHub's, and approvals and evidence expire by it: sudo timedatectl set-ntp true`
      return failed(name, message, details)
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}
