import { oneLine } from '../../core/text.ts'
import type { Lock } from '../../ports/store.ts'
import { lineState, stoppedText } from '../../tools/support/line.ts'
import { reviewsOwed } from '../../tools/support/review-owed.ts'
import { note, ok, warn, type Finding } from '../finding.ts'
import type { Patient, Records } from '../patient.ts'

const dayMs = 24 * 3_600_000

/** What people stopped, took or owe. */
export async function lockFindings({ call, records }: Patient): Promise<Finding[]> {
  // Without a store nobody has stopped or taken anything; an unreadable one is a finding of its own.
  const seen = (await records().catch(() => null))?.seen ?? null
  if (seen === null) return []
  const now = call.runtime.now()
  return [
    await line(call),
    ...seen.locks.flatMap((lock) => held(lock, now)),
    ...(await owed(call, seen)),
  ]
}

async function line(call: Patient['call']): Promise<Finding> {
  const found = await lineState(call)
  if (found.state !== 'stopped') return ok('line_stopped', 'promotions are not stopped')
  return warn('line_stopped', oneLine(stoppedText(found), 400), 'gonogo stop-the-line --status')
}

function held({ environment, deployment_id, holder, reason, since }: Lock, now: number): Finding[] {
  if (deployment_id !== null) return []
  const days = Math.floor((now - since) / dayMs)
  const who = `${environment} is locked by ${oneLine(holder, 60)} (${oneLine(reason, 100)})`
  if (days === 0) return [note('lock_held', who, `gonogo lock status ${environment}`)]
  return [warn('lock_held', `${who} for ${days} day(s)`, `gonogo lock break ${environment}`)]
}

/** A row that merely says "reviewed" is still owed. */
async function owed(call: Patient['call'], { reviews }: Records): Promise<Finding[]> {
  const ids = reviews.map(({ deployment_id }) => deployment_id)
  return (await reviewsOwed(call, ids)).map(({ deployment_id, environment, owed_since }) => {
    const day = new Date(owed_since).toISOString().slice(0, 10)
    const message = `${deployment_id} to ${environment} went around gates on ${day}, and nobody has signed its review`
    const fix = `gonogo break-glass review ${deployment_id} --key FILE --comment TEXT`
    return warn('review_owed', message, fix)
  })
}
