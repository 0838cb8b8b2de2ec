import { oneLine } from '../../core/text.ts'
import { showElapsed } from '../duration.ts'
import type { Palette } from '../style.ts'
import { fit, pad, widthOf } from '../width.ts'
import { bar } from './bar.ts'
import { laneLines } from './lane.ts'
import type { Canvas, DeploymentView, StepView } from './view.ts'

/** The picture of one deployment. A tab would leave what was there before to be seen. Where there is little room the log goes first, then steps far from the current one. */
export function deploymentFrame(view: DeploymentView, canvas: Canvas): string[] {
  const room = Math.max(3, canvas.rows - 1)
  const head = [...titleLines(view, canvas), ...laneLines(view.lane, canvas), clock(view, canvas)]
  const foot = [...faultLine(view, canvas.palette), ...watchLine(view, canvas)]
  const steps = stepLines(view.steps, room - head.length - foot.length, canvas.palette)
  const left = room - head.length - foot.length - steps.length
  const log = left > 0 ? view.log.slice(-left) : []
  const lines = [
    ...head,
    ...steps,
    ...foot,
    ...log.map((text) => canvas.palette.faint(`  | ${text.replaceAll('\t', '    ')}`)),
  ]
  return lines.slice(0, room).map((line) => fit(line, canvas.columns - 1))
}

/** With the id whole: whoever looks on may need it to come back. */
function titleLines(
  { kind, version, environment, id }: DeploymentView,
  { columns, palette: { strong, faint } }: Canvas,
): string[] {
  const what = oneLine(`${kind} of ${version} to ${environment}`, 80)
  const beside = widthOf(what) + id.length + 2 < columns
  return beside ? [`${strong(what)}  ${faint(id)}`] : [strong(what), `  ${faint(id)}`]
}

const endings: Record<string, string> = { success: '✓ success', failure: '✗ failure' }

/** Phase, time and progress. What usually happens is only said where it happened before. */
function clock(view: DeploymentView, { now, palette, columns }: Canvas): string {
  const over = view.phase === 'ended'
  const took = showElapsed((view.endedAt ?? now) - view.startedAt)
  const status = view.status.replaceAll('_', ' ')
  const state = over ? (endings[view.status] ?? status) : doing(view.phase, status)
  const usual = over || view.usualMs === null ? '' : `, usually ${showElapsed(view.usualMs)}`
  const text = `  ${paintState(view, palette)(state)}  ${took}${usual}`
  const counted = progress(view.steps)
  return over || widthOf(text) + counted.length + 2 >= columns
    ? text
    : `${text}  ${counted}`.trimEnd()
}

function doing(phase: string, status: string): string {
  return status === 'in progress' ? phase : `${phase}, ${status}`
}

function paintState({ phase, status }: DeploymentView, { good, bad, strong }: Palette) {
  if (phase !== 'ended') return strong
  return status === 'success' ? good : bad
}

function progress(steps: readonly StepView[]): string {
  const done = steps.filter(({ state }) => state === 'done').length
  return steps.length === 0 ? '' : `${bar(done, steps.length)} ${done}/${steps.length}`
}

const signs: Record<StepView['state'], string> = {
  done: '✓',
  now: '▸',
  to_come: '·',
  failed: '✗',
  left_out: '-',
}

/** All steps, or those around the one that matters now. */
function stepLines(steps: readonly StepView[], room: number, palette: Palette): string[] {
  const labels = Math.max(0, ...steps.map(({ label }) => label.length))
  const names = Math.max(
    0,
    ...steps.map(({ name, text }) => (text ? widthOf(oneLine(name, 40)) : 0)),
  )
  const lines = steps.map((step) => {
    const what = `${pad(step.label, labels)}  ${pad(oneLine(step.name, 40), names)}  ${step.text}`
    return `  ${paintStep(step.state, palette)(`${signs[step.state]} ${what.trimEnd()}`)}`
  })
  if (lines.length <= room) return lines
  const current = steps.findLastIndex(({ state }) => state !== 'to_come' && state !== 'left_out')
  const shown = Math.max(1, room - 1)
  const first = Math.min(Math.max(0, current - shown + 2), lines.length - shown)
  const more = palette.faint(`    … ${lines.length - shown} more steps`)
  return [...lines.slice(Math.max(0, first), first + shown), ...(room > 1 ? [more] : [])]
}

function paintStep(state: StepView['state'], { good, bad, strong, faint }: Palette) {
  if (state === 'done') return good
  if (state === 'now') return strong
  return state === 'failed' ? bad : faint
}

function faultLine({ fault }: DeploymentView, { bad }: Palette): string[] {
  if (fault === null) return []
  const { phase, step, cause } = fault
  return [
    bad(`  ✗ ${phase}${step === null ? '' : `, ${oneLine(step, 40)}`}: ${oneLine(cause, 300)}`),
  ]
}

function watchLine(view: DeploymentView, { palette }: Canvas): string[] {
  if (view.phase === 'ended') return []
  const trouble =
    view.trouble === null ? [] : [palette.caution(`  ! trouble: ${oneLine(view.trouble, 300)}`)]
  const watcher = view.watchedBy ?? 'nobody'
  return [
    ...trouble,
    palette.faint(
      `  watched by ${oneLine(watcher, 60)}, asked by ${oneLine(view.initiatedBy, 60)}`,
    ),
  ]
}
