import type { PlanLine } from '../../core/plan-view.ts'
import { wrap } from '../width.ts'
import type { Page } from './page.ts'

const labelWidth = 10
const indent = ' '.repeat(labelWidth + 2)

/** The approver's screen. Nothing on it is cut: somebody answers for all of it. */
export function renderPlan(lines: readonly PlanLine[], page: Page): string[] {
  return lines.flatMap((line) => {
    const paint = paintOf(line.kind, page)
    return wrap(textOf(line, page), page.width, indent).map(paint)
  })
}

function textOf({ kind, label, text }: PlanLine, { when }: Page): string {
  if (kind === 'title') return text
  if (kind === 'warning') return `  ! ${text}`
  // What was signed is the exact moment; how far it is away is what a person wants to know.
  const more = label === 'valid to' && when(text) !== text ? ` (${when(text)})` : ''
  return `  ${label === null ? '' : label.padEnd(labelWidth)}${text}${more}`
}

function paintOf(kind: PlanLine['kind'], { palette }: Page): (text: string) => string {
  if (kind === 'title' || kind === 'change') return palette.strong
  if (kind === 'warning') return palette.caution
  if (kind === 'check') return palette.good
  return kind === 'step' ? palette.faint : (text) => text
}
