import { oneLine } from '../../core/text.ts'
import { planView } from '../../core/plan-view.ts'
import type { Plan } from '../../core/plan.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'
import type { Page } from './page.ts'
import { renderPlan } from './plan.ts'
import type { Line } from './results.ts'

/** What stands in the way of a change, and in a dry run the whole plan. */
export function renderWrite(output: Record<string, unknown>, page: Page): Line[] {
  const blockers = (output.blockers ?? []) as string[]
  return [
    ...blockers.flatMap((blocker) =>
      wrap(`  ✗ ${inCliWords(oneLine(blocker, 300))}`, page.width, '    ').map(page.palette.bad),
    ),
    ...(output.plan === undefined ? [] : planLines(output.plan as Plan, page)),
  ]
}

function planLines(plan: Plan, page: Page): Line[] {
  const lines = planView(plan, { requester: '', expires_at: null })
  return renderPlan(
    lines.filter(({ text }) => text !== ''),
    page,
  )
}
