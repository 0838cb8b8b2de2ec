import { couldNotRun, failed, passed, warned } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'environment_lock'

/** Nobody else is deploying here. A write takes the lock itself, so this only spares a wasted attempt. */
export const environmentLock: CheckRunner = {
  name,
  requirement: byPolicy(name),
  onlyInValidation: true,
  foresee: ({ environment }) => ({
    runs: true,
    text: `look who holds the lock of ${environment.name}`,
  }),
  async run({ environment }, call) {
    const requirement = environment.checks.environment_lock
    try {
      const lock = await call.store.read((tables) => tables.locks.get(environment.name))
      if (lock === null) return passed(name, `nobody is deploying to ${environment.name}`)
      const { deployment_id, holder, reason } = lock
      const who = `${oneLine(holder, 60)} (${oneLine(reason, 80)})`
      const busy = requirement === 'required' ? failed : warned
      return busy(
        name,
        `${environment.name} is held by ${who}: follow it with gonogo status ${deployment_id}`,
        { deployment_id, holder: oneLine(holder, 120), reason: oneLine(reason, 200) },
      )
    } catch (error) {
      const { message, hint } = toFailure(error)
      return couldNotRun(name, requirement, `${message}: ${hint}`)
    }
  },
}
