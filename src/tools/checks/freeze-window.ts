import { failed, passed } from '../../core/check.ts'
import { openFreeze, windowsFor } from '../../core/freeze.ts'
import { productionOf, type Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import { timestamp } from '../support/time.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'freeze_window'

/** Nothing new while a window is open. Rollbacks never ask: what is broken must be able to go back. */
export const freezeWindow: CheckRunner = {
  name,
  requirement: byPolicy(name),
  applies: (call, environment) => windows(call, environment).length > 0,
  foresee: ({ environment }, call) => ({
    runs: true,
    text: `look whether one of ${windows(call, environment).length} freeze window(s) is open`,
  }),
  async run({ environment }, call) {
    const { project, runtime } = call
    const isLast = isProduction(call, environment)
    const open = openFreeze(project.freeze, environment.name, isLast, runtime.now())
    const details = { windows: windows(call, environment).map((window) => ({ ...window })) }
    if (open === null) return passed(name, 'no freeze window is open', details)
    // A window's end is part of its definition, so this text holds still while it is open.
    const until = timestamp(open.until)
    const end = until === null ? '; no end is in sight' : ` until ${until}`
    const fix = until === null ? '' : 'wait, or '
    return failed(
      name,
      `frozen by ${open.name}${end}: ${fix}a person changes freeze in gonogo.yaml`,
      { ...details, open: open.name, until },
    )
  },
}

function windows(call: Call, environment: Environment) {
  return windowsFor(call.project.freeze, environment.name, isProduction(call, environment))
}

function isProduction({ project }: Call, { name: environment }: Environment): boolean {
  return productionOf(project)?.name === environment
}
