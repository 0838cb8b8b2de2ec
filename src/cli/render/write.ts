import { oneLine } from '../../core/text.ts'
import { planView } from '../../core/plan-view.ts'
import type { Plan } from '../../core/plan.ts'
import type { Palette } from '../style.ts'
import { inCliWords } from '../words.ts'
import { renderPlan } from './plan.ts'
import type { Line } from './results.ts'

/** What stands in the way of a change, and in a dry run the whole plan. */
export function renderWrite(output: Record<string, unknown>, palette: Palette): Line[] {
  const blockers = (output.blockers ?? []) as string[]
  return [
    ...blockers.map((blocker) => palette.bad(`  ✗ ${inCliWords(oneLine(blocker, 300))}`)),
    ...(output.plan === undefined ? [] : planLines(output.plan as Plan, palette)),
  ]
}

function planLines(plan: Plan, palette: Palette): Line[] {
  const lines = planView(plan, { requester: '', expires_at: null })
  return renderPlan(
    lines.filter(({ text }) => text !== ''),
    palette,
  )
}
