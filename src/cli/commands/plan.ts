import { planView } from '../../core/plan-view.ts'
import type { Call } from '../../ports/context.ts'
import { environmentNamed, pipelineOf, production } from '../../tools/support/environments.ts'
import { planFor } from '../../tools/support/plan-for.ts'
import type { Planned } from '../../tools/support/planned.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { paletteFor } from '../style.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'

export interface PlanOptions {
  environment?: string
  allowOlder?: boolean
}

/** The approver's screen before anybody asks for an approval. Reads and asks; changes nothing. */
export async function runPlan(
  session: Session,
  version: string,
  options: PlanOptions,
): Promise<ExitCode> {
  const planned = await planWanted(session.call, version, options)
  const { plan, hash, verdict } = planned
  printJson(session, { plan_hash: hash, go: verdict.go, blockers: verdict.blockers, plan })
  const page = session.page('out')
  const asked = { requester: 'nobody yet', expires_at: null }
  for (const line of renderPlan(planView(plan, asked), page)) session.print(line)
  session.print(`  ${'plan'.padEnd(10)}${hash}`)
  const { bad, good } = paletteFor(session.surface.out)
  for (const blocker of verdict.blockers) {
    for (const part of wrap(`NO-GO: ${inCliWords(blocker)}`, page.width, '  '))
      session.print(bad(part))
  }
  if (verdict.go) session.print(good('GO'))
  return verdict.go ? exits.done : exits.failed
}

async function planWanted(
  call: Call,
  git_ref: string,
  { environment: name, allowOlder }: PlanOptions,
): Promise<Planned> {
  pipelineOf(call)
  const environment =
    name === undefined ? production(call.project) : environmentNamed(call.project, name)
  return await planFor(call, { environment, git_ref, allowOlder })
}
