import { oneLine, sanitize } from '../../core/text.ts'
import type { WorkflowPlan } from '../commands/init-workflow.ts'
import type { Summary } from '../../setup/draft/summary.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor, type Palette } from '../style.ts'
import type { Surface } from '../surface.ts'
import { pageFor } from './page.ts'
import { renderTable } from './table.ts'

export interface InitResult extends Summary {
  file: string
  /** False when the file was like this before. */
  written: boolean
  /** Null unless deployments go through GitHub Actions. */
  workflow: WorkflowPlan | null
  next: string[]
}

/** What was found and on what it rests, what is left to do, and the next commands. */
export function printInit(surface: Surface, options: CommonOptions, result: InitResult): void {
  const { file, written, workflow, found, missing, next } = result
  if (options.json) {
    const about = workflow && aboutWorkflow(workflow)
    const body = { schema_version: 1, file, written, workflow: about, found, missing, next }
    surface.out.write(`${JSON.stringify(body, null, 2)}\n`)
    return
  }
  surface.out.write(written ? `wrote ${file}\n` : `${file} is like this already\n`)
  if (workflow?.text) surface.out.write(`wrote ${workflow.file}\n`)
  if (options.quiet) return
  const page = pageFor(surface.err, { now: 0 })
  const { strong } = page.palette
  const rows = found.map(({ what, value, evidence, sure }) => [
    what,
    oneLine(value, 80),
    sure ? 'read' : 'guess',
    oneLine(evidence ?? 'usual', 80),
  ])
  const columns = ['found', 'value', 'how', 'from'].map((name) => ({ name }))
  const gaps = missing.map(({ what, how }) => [oneLine(what, 80), oneLine(how, 80)])
  const lines = [
    '',
    ...renderTable(columns, rows, page),
    '',
    strong('Fill in what was not found:'),
    ...renderTable([{ name: 'what' }, { name: 'where' }], gaps, page),
    ...(workflow === null ? [] : workflowLines(workflow, page.palette)),
    '',
    strong('Next:'),
    ...next.map((command) => `  ${command}`),
  ]
  surface.err.write(`${lines.join('\n')}\n`)
}

function aboutWorkflow({ path, file, text, difference, by_hand }: WorkflowPlan) {
  return { path, file, written: text !== null, difference, by_hand }
}

/** What is left to do by hand about the workflow, the difference included. */
function workflowLines(workflow: WorkflowPlan, palette: Palette): string[] {
  const { path, text, difference, by_hand } = workflow
  const { strong } = palette
  if (text !== null)
    return ['', `${strong('Change what is marked YOURS')} in ${path}, and commit it.`]
  if (difference !== null) {
    return [
      '',
      `${strong('Add to the workflow')}, which gonogo leaves as it is:`,
      ...differenceLines(difference, palette),
    ]
  }
  if (!by_hand) return []
  return [
    '',
    `${strong('Add to the workflow')} ${path}: the inputs deployment_id, commit, approval_id and`,
    'approval, and "run-name: Deploy (${{ inputs.deployment_id }})".',
  ]
}

/** The difference as it would be applied; the old text is untrusted, as every file is. */
export function printDifference({ err }: Surface, difference: string | null): void {
  if (difference === null) {
    err.write('the two texts have too little in common to show a difference\n')
    return
  }
  for (const line of differenceLines(difference, paletteFor(err))) err.write(`${line}\n`)
}

function differenceLines(difference: string, { good, bad, faint }: Palette): string[] {
  return sanitize(difference)
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('+') ? good : line.startsWith('-') ? bad : faint)(line))
}
