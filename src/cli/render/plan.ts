import type { PlanLine } from '../../core/plan-view.ts'
import type { Palette } from '../style.ts'

const labelWidth = 10

/** The approver's screen. */
export function renderPlan(lines: readonly PlanLine[], palette: Palette): string[] {
  return lines.map(({ kind, label, text }) => {
    const line = `  ${label === null ? '' : label.padEnd(labelWidth)}${text}`
    if (kind === 'title') return palette.strong(text)
    if (kind === 'warning') return palette.caution(`  ! ${text}`)
    if (kind === 'change') return palette.strong(line)
    if (kind === 'check') return palette.good(line)
    return kind === 'step' ? palette.faint(line) : line
  })
}
