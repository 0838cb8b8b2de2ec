import { oneLine } from '../../core/text.ts'
import type { Palette } from '../style.ts'
import { pad, widthOf } from '../width.ts'
import type { Canvas, LaneStop } from './view.ts'

const arrow = ' ──▸ '
const signs: Record<LaneStop['mark'], string> = {
  proven: '✓',
  unproven: '○',
  changing: '●',
  ill: '✗',
  empty: '·',
}

/** The environments in order, in one line where they fit, else in one line each. */
export function laneLines(stops: readonly LaneStop[], { columns, palette }: Canvas): string[] {
  const line = stops
    .map((stop) => `${name(stop)} ${state(stop, palette)}`)
    .join(palette.faint(arrow))
  if (widthOf(line) + 2 < columns) return [`  ${line}`]
  const width = Math.max(...stops.map((stop) => widthOf(name(stop))))
  return stops.map((stop) => `  ${pad(name(stop), width)}  ${state(stop, palette)}`)
}

function name(stop: LaneStop): string {
  return oneLine(stop.name, 32)
}

function state({ version, mark, next }: LaneStop, palette: Palette): string {
  const runs = version === null ? palette.faint('nothing yet') : oneLine(version, 32)
  const coming = next === null ? '' : palette.caution(` → ${oneLine(next, 32)}`)
  return `${runs}${coming} ${paintOf(mark, palette)(signs[mark])}`
}

function paintOf(mark: LaneStop['mark'], palette: Palette): (text: string) => string {
  if (mark === 'proven') return palette.good
  if (mark === 'changing') return palette.caution
  return mark === 'ill' ? palette.bad : palette.faint
}
