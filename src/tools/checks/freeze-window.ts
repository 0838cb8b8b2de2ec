import { failed, passed } from '../../core/check.ts'
import { openFreeze, windowsFor, type FreezeWindow } from '../../core/freeze.ts'
import { lastHoliday } from '../../core/holiday-list.ts'
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
    const now = runtime.now()
    const isLast = isProduction(call, environment)
    const open = openFreeze(project.freeze, environment.name, isLast, now)
    const own = windows(call, environment)
    const details = { windows: own.map(shortened) }
    if (open === null) {
      const over = own.flatMap((window) => overSince(window, timestamp(now)))
      return passed(name, ['no freeze window is open', ...over].join('; '), details)
    }
    // A window's end is part of its definition, so this text holds still while it is open.
    const until = timestamp(open.until)
    const end = until === null ? '; no end is in sight' : ` until ${until}`
    const fix = until === null ? '' : 'wait, or '
    return failed(
      name,
      `frozen by ${open.name}${end}: ${fix}ask for it with override_freeze and a reason, which a person approves`,
      { ...details, open: open.name, until },
    )
  },
}

/** A list of holidays can be long; what is open is told by itself. */
function shortened(window: FreezeWindow): Record<string, unknown> {
  if (window.kind !== 'holidays') return { ...window }
  const { holidays, ...rest } = window
  return { ...rest, days: holidays.length, last: lastHoliday(holidays) }
}

/** A list that nobody wrote on freezes nothing any more. */
function overSince(window: FreezeWindow, now: string): string[] {
  const last = window.kind === 'holidays' ? lastHoliday(window.holidays) : null
  if (last === null || last >= now.slice(0, 10)) return []
  return [`${window.name} lists no day after ${last}`]
}

function windows(call: Call, environment: Environment) {
  return windowsFor(call.project.freeze, environment.name, isProduction(call, environment))
}

function isProduction({ project }: Call, { name: environment }: Environment): boolean {
  return productionOf(project)?.name === environment
}
