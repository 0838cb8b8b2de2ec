import { oneLine } from '../../core/text.ts'
import {
  breakLock,
  lockStatuses,
  releaseEnvironment,
  reviewBreak,
  takeEnvironment,
  type LockStatus,
} from '../../desk/locks.ts'
import { timestamp } from '../../tools/support/time.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName } from '../sign.ts'
import { paletteFor } from '../style.ts'
import { inCliWords } from '../words.ts'

export interface BreakOptions {
  confirm?: string
}

export async function runLockStatus(session: Session, name: string | undefined): Promise<ExitCode> {
  const { call } = session
  const names = name === undefined ? call.project.environments.map((one) => one.name) : [name]
  const statuses = await lockStatuses(call, names)
  printJson(session, { locks: statuses.map(viewOf) })
  for (const status of statuses) showStatus(session, status)
  return exits.done
}

function viewOf({ environment, lock, platform, platform_problem, waiting }: LockStatus) {
  return {
    environment,
    held: lock !== null || platform !== null,
    lock: lock && { ...lock, since: timestamp(lock.since), ...lentView(lock) },
    platform: platform && { ...platform, since: timestamp(platform.since) },
    platform_problem,
    waiting: waiting.map(({ waiter, reason, first_refused_at, last_refused_at }) => ({
      waiter,
      reason,
      since: timestamp(first_refused_at),
      last_refused_at: timestamp(last_refused_at),
    })),
  }
}

function lentView({ lent_by: lent }: NonNullable<LockStatus['lock']>) {
  return lent ? { lent_by: { ...lent, since: timestamp(lent.since) } } : {}
}

function showStatus(session: Session, status: LockStatus): void {
  const { environment, lock, platform, platform_problem, waiting } = status
  const page = session.page('out')
  const { good, caution, faint } = page.palette
  const told = (holder: string, reason: string, since: number) =>
    `${oneLine(holder, 60)}, ${page.when(timestamp(since))}: ${oneLine(reason, 200)}`
  if (lock === null && platform === null) session.print(`${environment}  ${good('free')}`)
  if (lock) {
    const who = told(lock.holder, lock.reason, lock.since)
    const work = lock.deployment_id === null ? '' : ` (${lock.deployment_id})`
    session.print(`${environment}  ${caution('held')} by ${who}${work}`)
    const lent = lock.lent_by
    if (lent) session.print(faint(`  then again by ${told(lent.holder, lent.reason, lent.since)}`))
  }
  if (platform && platform.id !== lock?.deployment_id) {
    const who = told(platform.holder, platform.reason, platform.since)
    session.print(`${environment}  ${caution('held on the platform')} by ${who}`)
  }
  if (platform_problem !== null)
    session.print(caution(`  the platform's lock is not known: ${platform_problem}`))
  for (const { waiter, reason, first_refused_at } of waiting)
    session.print(faint(`  waits: ${told(waiter, reason, first_refused_at)}`))
}

export async function runLockTake(
  session: Session,
  name: string,
  reason: string,
): Promise<ExitCode> {
  const { lock, problem } = await takeEnvironment(session.call, name, reason)
  const since = timestamp(lock.since)
  printJson(session, { ...lock, since, problem })
  const { good } = paletteFor(session.surface.out)
  session.print(good(`${name} is yours, until gonogo lock release ${name}`))
  if (problem !== null) session.note(problem)
  return exits.done
}

export async function runLockRelease(session: Session, name: string): Promise<ExitCode> {
  const { holder, reason, since } = await releaseEnvironment(session.call, name)
  printJson(session, { environment: name, holder, reason, since: timestamp(since) })
  session.print(`${name} is free for others`)
  return exits.done
}

/** Shows whose lock it is and what goes on all the same, has the environment's name typed, and frees it. */
export async function runLockBreak(
  session: Session,
  name: string,
  options: BreakOptions,
): Promise<ExitCode> {
  const review = await reviewBreak(session.call, name)
  const { caution } = session.page('err').palette
  for (const warning of review.warnings) session.tell(caution(`! ${inCliWords(warning)}`))
  const question = `Type the environment's name to break its lock: `
  const { environment } = review
  await confirmByName(session, options, { name: environment, question, what: 'breaking the lock' })
  const { lock, platform, warnings } = await breakLock(session.call, review)
  printJson(session, {
    environment,
    broken: lock && { ...lock, since: timestamp(lock.since), ...lentView(lock) },
    platform: platform && { ...platform, since: timestamp(platform.since) },
    warnings,
  })
  const again = lock?.deployment_id !== null && lock?.lent_by
  session.print(again ? `${environment} is ${again.holder}'s again` : `${environment} is free`)
  return exits.done
}
