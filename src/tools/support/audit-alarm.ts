import { toFailure } from '../../core/failure.ts'
import { auditUnavailable } from '../../core/notification.ts'
import { oneLine } from '../../core/text.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Context } from '../../ports/context.ts'
import { announce, deliverSoon } from './notify.ts'

/** What it takes to tell of a log that fails: the store may work while the log does not. */
export interface AlarmDeps extends Pick<Context, 'project' | 'runtime' | 'store' | 'keepers'> {
  /** Standard error of this process. */
  tell: (line: string) => void
}

/** Between two messages about the same trouble. */
const quietMs = 10 * 60_000
/** How long a refused call is kept waiting for the message to be put in. */
const longestMs = 2_000

/**
 * The same log, which raises the alarm when nothing can be written: a line on standard error, once for a
 * process, and a message. The failure itself goes its way as before.
 */
export function withAlarm(audit: AuditLog, deps: AlarmDeps): AuditLog {
  let told = false
  const alarmed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      const { code, message } = toFailure(error)
      if (code !== 'audit_unavailable') throw error
      if (!told)
        deps.tell(`nothing can be written down, so nothing is changed: ${oneLine(message, 300)}`)
      told = true
      await raise(deps, audit.path, message)
      throw error
    }
  }
  return {
    ...audit,
    append: (event) => alarmed(audit.append(event)),
    appendOnce: (event, isIt) => alarmed(audit.appendOnce(event, isIt)),
  }
}

async function raise(deps: AlarmDeps, path: string, problem: string): Promise<void> {
  const over = new AbortController()
  const late = deps.runtime.sleep(longestMs, over.signal).catch(() => undefined)
  // Neither may make the refusal another one.
  await Promise.race([putIn(deps, path, problem).catch(() => undefined), late])
  over.abort()
}

async function putIn(deps: AlarmDeps, path: string, problem: string): Promise<void> {
  if (deps.project.notifications.length === 0) return
  const notice = auditUnavailable(path, problem)
  const since = deps.runtime.now() - quietMs
  await deps.store.write(async (tables) => {
    const lately = await tables.outbox.list({ limit: 200 })
    const known = lately.some(
      ({ event, created_at }) => event === notice.event && created_at > since,
    )
    if (!known) await announce(deps, tables, notice)
  })
  await deliverSoon(deps)
}
