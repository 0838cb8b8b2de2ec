import {
  preflightVerdict,
  type PreflightReport,
  type PreflightVerdict,
} from '../../core/preflight.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderPreflight } from '../render/preflight.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { columnsOf } from '../terminal.ts'
import { subjectOf } from './preflight-subject.ts'

export interface PreflightOptions extends CommonOptions {
  event: string
  input?: Record<string, string>
  ref?: string
  environment?: string
}

/** Says what starting a workflow would do. Starts nothing, asks nobody: the files are enough. */
export async function runPreflight(
  surface: Surface,
  options: PreflightOptions,
  file?: string,
): Promise<ExitCode> {
  const preflighter = await surface.preflighter()
  const subject = await subjectOf(surface, options, file)
  const report = await preflighter.examine({
    ...subject,
    event: options.event,
    inputs: options.input ?? {},
    actor: null,
  })
  surface.interrupted.throwIfAborted()
  const outcome = outcomeOf(report, subject.environment)
  if (options.json) printJson(surface, report)
  else {
    const width = Math.min(columnsOf(surface.out), widest)
    const told = { report, outcome, environment: subject.environment }
    surface.out.write(`${renderPreflight(told, paletteFor(surface.out), width).join('\n')}\n`)
  }
  return outcome === 'deploys' ? exits.done : exits.failed
}

/** Longer lines are hard to read. */
const widest = 100

/** Without a name, any environment will do. */
function outcomeOf(report: PreflightReport, environment: string | null): PreflightVerdict {
  return preflightVerdict(report, environment ?? report.deploys[0] ?? '')
}

function printJson({ out }: Surface, report: PreflightReport): void {
  const { file, event, jobs, findings, deploys, unknown } = report
  const data = { schema_version: 1, file, event, jobs, findings, deploys, unknown }
  out.write(`${JSON.stringify(data, null, 2)}\n`)
}
