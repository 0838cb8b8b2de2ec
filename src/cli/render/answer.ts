import { sanitize } from '../../core/text.ts'
import type { ToolAnswer } from '../../tools/define-tool.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'
import { renderDeployments } from './deployments.ts'
import type { Page } from './page.ts'
import { renderChecks, renderFindings, type Line } from './results.ts'
import { renderSmoke } from './smoke.ts'
import { renderStatus } from './status.ts'
import { renderWrite } from './write.ts'

type Output = Record<string, unknown>

/** A tool's answer for people: the sentence first, then what it rests on. */
export function renderAnswer(tool: string, { output, summary }: ToolAnswer, page: Page): Line[] {
  return [
    ...headline(shortened(summary, output), page),
    ...body(tool, output, page),
    ...notes(output, page),
    // Whoever chose a text must not forge another line with it.
  ].map((line) => line.replaceAll('\n', ' ').trimEnd())
}

function headline(summary: string, { palette: { good, bad, strong }, width }: Page): Line[] {
  const text = inCliWords(sanitize(summary))
  const paint = text.startsWith('GO:') ? good : text.startsWith('NO-GO:') ? bad : strong
  return wrap(text, width).map(paint)
}

/** A sentence has to carry every blocker; here each has a line of its own. */
function shortened(summary: string, { status, blockers, checks }: Output): string {
  const told = status === 'blocked' || (checks !== undefined && blockers !== undefined)
  const [first] = told ? (blockers as string[]) : []
  return first === undefined ? summary : (summary.split(`: ${first}`)[0] ?? summary)
}

function body(tool: string, output: Output, page: Page): Line[] {
  switch (tool) {
    case 'validate_deployment':
      return [...renderChecks(output.checks, page), ...otherBlockers(output, page)]
    case 'run_security_scan':
      return renderFindings(output, page)
    case 'run_smoke_tests':
      return renderSmoke(output.results, page)
    case 'get_deployment_status':
      return renderStatus(output, page)
    case 'list_deployments':
      return renderDeployments(output.deployments, page)
    default:
      return renderWrite(output, page)
  }
}

/** What keeps it back and is no check, such as a plan that cannot be made. */
function otherBlockers({ blockers, checks }: Output, { palette, width }: Page): Line[] {
  return untold((blockers ?? []) as string[], checks)
    .flatMap((blocker) => wrap(`  ✗ ${inCliWords(sanitize(blocker))}`, width, '    '))
    .map(palette.bad)
}

/** Those that are not the word of one of these checks. */
function untold(lines: readonly string[], checks: unknown): string[] {
  const names = ((checks ?? []) as { check_name: string }[]).map(({ check_name }) => check_name)
  const starts = names.flatMap((name) => [`${name}: `, `${name} is off`])
  return lines.filter((line) => !starts.some((start) => line.startsWith(start)))
}

/** Warnings that the lines above have not told already: a plan tells its own, a check is one. */
function notes({ warnings, plan, checks }: Output, { palette, width }: Page): Line[] {
  if (!Array.isArray(warnings) || plan !== undefined) return []
  return untold(warnings as string[], checks)
    .flatMap((warning) => wrap(`  ! ${inCliWords(sanitize(warning))}`, width, '    '))
    .map(palette.caution)
}
