import { couldNotRun, failed, passed, warned } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import { holderText, mayEnter, queueText } from '../../core/lock.ts'
import { principalLabel } from '../../core/principal.ts'
import { oneLine } from '../../core/text.ts'
import { howToGetOn, lockOf } from '../support/lock.ts'
import { timestamp } from '../support/time.ts'
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
      const { lock, waiting } = await lockOf(call, environment.name)
      const asker = principalLabel(call.principal)
      if (lock === null) return passed(name, `nobody is deploying to ${environment.name}`)
      if (mayEnter({ action: 'deploy', preempts: null }, asker, lock))
        return passed(name, `${environment.name} is yours: you hold its lock`)
      const since = timestamp(lock.since)
      const who = `${holderText(lock, since)}${queueText(waiting.length)}`
      const busy = requirement === 'required' ? failed : warned
      return busy(name, `${environment.name} is held by ${who}: ${howToGetOn(lock)}`, {
        deployment_id: lock.deployment_id,
        holder: oneLine(lock.holder, 120),
        reason: oneLine(lock.reason, 200),
        since,
        waiting: waiting.length,
      })
    } catch (error) {
      const { message, hint } = toFailure(error)
      return couldNotRun(name, requirement, `${message}: ${hint}`)
    }
  },
}
