import { sanitize } from '../../core/text.ts'
import type { ToolAnswer } from '../../tools/define-tool.ts'
import type { Palette } from '../style.ts'
import { inCliWords } from '../words.ts'
import { renderDeployments, renderStatus } from './deployments.ts'
import { renderChecks, renderFindings, renderSmoke, type Line } from './results.ts'
import { renderWrite } from './write.ts'

type Output = Record<string, unknown>

/** A tool's answer for people: the sentence first, then what it rests on. */
export function renderAnswer(
  tool: string,
  { output, summary }: ToolAnswer,
  palette: Palette,
): Line[] {
  return [
    headline(shortened(summary, output), palette),
    ...body(tool, output, palette),
    ...notes(output, palette),
    // Whoever chose a text must not forge another line with it.
  ].map((line) => line.replaceAll('\n', ' ').trimEnd())
}

function headline(summary: string, { good, bad, strong }: Palette): Line {
  const text = inCliWords(sanitize(summary))
  if (text.startsWith('GO:')) return good(text)
  return text.startsWith('NO-GO:') ? bad(text) : strong(text)
}

/** A sentence has to carry every blocker; here each has a line of its own. */
function shortened(summary: string, { status, blockers }: Output): string {
  const [first] = status === 'blocked' ? (blockers as string[]) : []
  return first === undefined ? summary : (summary.split(`: ${first}`)[0] ?? summary)
}

function body(tool: string, output: Output, palette: Palette): Line[] {
  switch (tool) {
    case 'validate_deployment':
      return renderChecks(output.checks, palette)
    case 'run_security_scan':
      return renderFindings(output, palette)
    case 'run_smoke_tests':
      return renderSmoke(output.results, palette)
    case 'get_deployment_status':
      return renderStatus(output, palette)
    case 'list_deployments':
      return renderDeployments(output.deployments, palette)
    default:
      return renderWrite(output, palette)
  }
}

/** Warnings that the lines above have not told already: a plan tells its own, a check is one. */
function notes({ warnings, plan, checks }: Output, { caution }: Palette): Line[] {
  if (!Array.isArray(warnings) || plan !== undefined) return []
  const told = ((checks ?? []) as { check_name: string }[]).map(({ check_name }) => check_name)
  return (warnings as string[])
    .filter((warning) => !told.some((name) => warning.startsWith(name)))
    .map((warning) => caution(`  ! ${inCliWords(sanitize(warning))}`))
}
