import type { Plan } from '../../core/plan.ts'
import { planView } from '../../core/plan-view.ts'
import { oneLine } from '../../core/text.ts'
import {
  breakGlassNamed,
  listBreakGlass,
  reviewBreakGlass,
  type BreakGlass,
} from '../../desk/break-glass.ts'
import { timestamp } from '../../tools/support/time.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName, keyFileOf, type SignOptions } from '../sign.ts'
import { paletteFor } from '../style.ts'

export interface ReviewSignOptions extends SignOptions {
  comment: string
}

export async function runBreakGlassList(session: Session, all: boolean): Promise<ExitCode> {
  const found = await listBreakGlass(session.call, { open: !all })
  const owed = found.filter(({ review }) => review.state !== 'reviewed').length
  printJson(session, { reviews_owed: owed, deployments: found.map(viewOf) })
  if (found.length === 0) session.print('no review is owed')
  for (const one of found) show(session, one)
  return owed > 0 ? exits.blocked : exits.done
}

function viewOf({ owed, review, deployment, approved_by }: BreakGlass) {
  const { deployment_id, environment, gates, reason, owed_since } = owed
  const { release, status = null, initiated_by = null } = deployment ?? {}
  return {
    deployment_id,
    environment,
    version: release?.version ?? null,
    status,
    initiated_by,
    approved_by,
    gates,
    reason,
    owed_since: timestamp(owed_since),
    review,
  }
}

function show(session: Session, one: BreakGlass): void {
  const page = session.page('out')
  const { bad, good, faint } = page.palette
  const { deployment_id, environment, version, gates, reason, owed_since, approved_by } =
    viewOf(one)
  const { review } = one
  const state =
    review.state === 'reviewed'
      ? good(`reviewed by ${oneLine(review.reviewer, 80)}: ${oneLine(review.comment, 200)}`)
      : bad(`review owed, ${page.when(owed_since)}`)
  const what = [deployment_id, environment, version ?? 'unknown'].map((text) => oneLine(text, 60))
  session.print(`${what.join('  ')}  ${state}`)
  if (review.state === 'unverified')
    session.print(bad(`  what is stored as a review does not count: ${oneLine(review.problem)}`))
  const around = gates.length === 0 ? 'no gate that would have blocked it' : gates.join(', ')
  session.print(faint(`  went around ${oneLine(around, 300)}: ${oneLine(reason, 300)}`))
  if (approved_by.length > 0)
    session.print(faint(`  approved by ${oneLine(approved_by.join(', '))}`))
}

/** Shows what was deployed around which gates, has its id typed, and signs that somebody looked. */
export async function runBreakGlassReview(
  session: Session,
  id: string,
  options: ReviewSignOptions,
): Promise<ExitCode> {
  const one = await breakGlassNamed(session.call, id)
  tellPlan(session, one)
  const question = `Type the deployment's id to sign that you looked at it: `
  await confirmByName(session, options, { name: id, question, what: 'the review' })
  const { comment } = options
  const given = { keyFile: keyFileOf(options), comment }
  const reviewed = await reviewBreakGlass(session.call, one, given)
  printJson(session, { ...reviewed, comment })
  const { good } = paletteFor(session.surface.out)
  session.print(good(`reviewed as ${reviewed.reviewer}: nothing is owed for ${id}`))
  return exits.done
}

function tellPlan(session: Session, { deployment }: BreakGlass): void {
  if (!deployment) return
  const { initiated_by: requester, status, plan } = deployment
  const lines = planView(JSON.parse(plan) as Plan, { requester, expires_at: null })
  for (const line of renderPlan(lines, session.page('err'))) session.tell(line)
  session.tell(`  it ended as ${oneLine(status, 40)}`)
}
