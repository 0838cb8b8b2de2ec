import { relativeTime } from '../../core/moment.ts'
import { oneLine } from '../../core/text.ts'
import { showElapsed } from '../duration.ts'
import { fit } from '../width.ts'
import { laneLines } from './lane.ts'
import type { Canvas, OverviewView, UnderWayView, WaitingView } from './view.ts'

/** All environments, everything under way and what waits for a person. */
export function overviewFrame(view: OverviewView, canvas: Canvas): string[] {
  const { palette, columns } = canvas
  const room = Math.max(3, canvas.rows - 1)
  const lines = [
    palette.strong(view.project),
    ...laneLines(view.lane, canvas),
    '',
    ...section('under way', view.underWay, (item) => underWayLines(item, canvas), canvas),
    '',
    ...section('waits for approval', view.waiting, (item) => waitingLines(item, canvas), canvas),
  ]
  return shortened(lines, room, palette.faint).map((line) => fit(line, columns - 1))
}

function section<T>(
  name: string,
  items: readonly T[],
  linesOf: (item: T) => string[],
  { palette: { faint } }: Canvas,
): string[] {
  return items.length === 0 ? [faint(`${name}: nothing`)] : [faint(name), ...items.flatMap(linesOf)]
}

function underWayLines(
  item: UnderWayView,
  { now, palette: { strong, caution } }: Canvas,
): string[] {
  const usual = item.usualMs === null ? '' : `, usually ${showElapsed(item.usualMs)}`
  return [
    `  ${item.id}  ${strong(oneLine(item.what, 120))}`,
    `    ${oneLine(item.doing, 80)}  ${showElapsed(now - item.startedAt)}${usual}`,
    ...(item.trouble === null ? [] : [caution(`    ! trouble: ${oneLine(item.trouble, 200)}`)]),
  ]
}

function waitingLines({ id, what, requester, expiresAt }: WaitingView, { now }: Canvas): string[] {
  const asked = `asked by ${oneLine(requester, 60)}, expires ${relativeTime(expiresAt, now)}`
  return [`  ${id}  ${oneLine(what, 120)}`, `    ${asked}`]
}

/** Empty lines go first; then the end, and that is said. */
function shortened(lines: string[], room: number, faint: (text: string) => string): string[] {
  if (lines.length <= room) return lines
  const dense = lines.filter((line) => line !== '')
  if (dense.length <= room) return dense
  return [...dense.slice(0, room - 1), faint(`  … ${dense.length - room + 1} more lines`)]
}
