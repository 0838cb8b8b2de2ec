import { planView } from '../../core/plan-view.ts'
import type { Plan } from '../../core/plan.ts'
import { findEnvironment } from '../../core/project.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Tool, ToolAnswer } from '../../tools/define-tool.ts'
import type { ToolFlags } from '../add-tool-command.ts'
import { ask, declined } from '../ask.ts'
import { exitOfOutput, type ExitCode } from '../exit.ts'
import { follow } from '../follow.ts'
import { renderAnswer } from '../render/answer.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { paletteFor } from '../style.ts'
import { startingTools } from '../tool-commands.ts'
import { signRequest } from './approve.ts'

const followTool = 'get_deployment_status'
const followForMs = 30 * 60_000

/** Calls a tool as the person at the command line and shows its answer. */
export async function runTool(
  session: Session,
  tool: Tool,
  input: Record<string, unknown>,
  options: ToolFlags,
): Promise<ExitCode> {
  if (tool.effect === 'write' || tool.effect === 'destructive')
    await confirm(session, tool, input, options)
  const answer = await callTool(session, tool, input, options)
  session.call.signal.throwIfAborted()
  const id = startedBy(tool, answer, input)
  if (!options.watch || id === null) return show(session, tool.name, answer)
  if (tool.name !== followTool) say(session, tool.name, answer)
  const followed = await follow(session, id, options.timeout ?? followForMs)
  show(session, followTool, followed.answer)
  return followed.exit
}

/** With a key at hand the approval is made in the same command, by the same steps as `gonogo approve`. */
async function callTool(
  session: Session,
  tool: Tool,
  input: Record<string, unknown>,
  options: ToolFlags,
): Promise<ToolAnswer> {
  const answer = await tool.call(input, session.call)
  const { approval } = answer.output as { approval?: { id: string } }
  if (!approval || options.key === undefined || input.approval_token !== undefined) return answer
  await signRequest(session, approval.id, options)
  return await tool.call({ ...input, approval_token: approval.id }, session.call)
}

function startedBy(
  tool: Tool,
  { output }: ToolAnswer,
  input: Record<string, unknown>,
): string | null {
  if (tool.name === followTool) return String(input.deployment_id)
  const id = output.deployment_id ?? output.rollback_id
  return startingTools.has(tool.name) && typeof id === 'string' ? id : null
}

/**
 * A write that no approval guards is confirmed by a person or by --yes. Where an approval is needed
 * it is the confirmation, and --yes means nothing.
 */
async function confirm(
  session: Session,
  tool: Tool,
  input: Record<string, unknown>,
  options: ToolFlags,
): Promise<void> {
  if (input.dry_run === true || options.yes) return
  const { call, surface } = session
  const name = tool.environment(input, call.project)
  if (findEnvironment(call.project, name ?? '')?.approval !== 'none') return
  const preview = await tool.call({ ...input, dry_run: true }, call)
  // What would be refused anyway is not asked about: the call itself says why.
  if (!String(preview.output.accepted).startsWith('yes')) return
  const plan = preview.output.plan as Plan
  const request = { requester: principalLabel(call.principal), expires_at: null }
  const lines = renderPlan(planView(plan, request), paletteFor(surface.err))
  for (const line of lines) session.tell(line)
  const answer = await ask(surface, `Go on with ${name}? [y/N] `, session.again('--yes'))
  if (!/^y(?:es)?$/i.test(answer)) throw declined(`${plan.action} to ${name}`)
}

function show(session: Session, tool: string, answer: ToolAnswer): ExitCode {
  printJson(session, answer.output)
  const palette = paletteFor(session.surface.out)
  for (const line of renderAnswer(tool, answer, palette)) session.print(line)
  return exitOfOutput(answer.output)
}

/** The first answer of a followed command goes to stderr: stdout gets the last one. */
function say({ surface, options, tell }: Session, tool: string, answer: ToolAnswer): void {
  if (options.quiet) return
  for (const line of renderAnswer(tool, answer, paletteFor(surface.err))) tell(line)
}
