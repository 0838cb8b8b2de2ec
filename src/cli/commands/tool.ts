import { resolve } from 'node:path'
import { planView } from '../../core/plan-view.ts'
import type { Plan } from '../../core/plan.ts'
import { findEnvironment } from '../../core/project.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Tool, ToolAnswer } from '../../tools/define-tool.ts'
import { ask, declined } from '../ask.ts'
import { exitOfOutput, type ExitCode } from '../exit.ts'
import { follow, followForMs } from '../follow.ts'
import { lastLog } from '../live/last-log.ts'
import { renderAnswer } from '../render/answer.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import type { SignOptions } from '../sign.ts'
import { startingTools } from '../tool-commands.ts'
import { signRequest } from './approve.ts'
import { checkPlace, writeJunit } from './junit-file.ts'

/** Flags of a command that are no inputs of its tool. */
export interface ToolFlags extends SignOptions, Record<string, unknown> {
  watch?: boolean
  /** Milliseconds. */
  timeout?: number
  yes?: boolean
  /** Where the results of smoke tests are written, too. */
  junit?: string
}

const followTool = 'get_deployment_status'

/** Calls a tool as the person at the command line and shows its answer. */
export async function runTool(
  session: Session,
  tool: Tool,
  input: Record<string, unknown>,
  options: ToolFlags,
): Promise<ExitCode> {
  if (tool.effect === 'write' || tool.effect === 'destructive')
    await confirm(session, tool, input, options)
  if (options.watch && tool.name === followTool)
    return await showFollowed(session, String(input.deployment_id), options.timeout ?? followForMs)
  const report = options.junit === undefined ? null : resolve(session.surface.cwd, options.junit)
  if (report !== null) await checkPlace(report)
  const answer = await callTool(session, tool, input, options)
  session.call.signal.throwIfAborted()
  if (report !== null) await writeJunit(report, answer.output)
  const id = startedBy(tool, answer)
  if (!options.watch || id === null) return await show(session, tool.name, answer, input)
  say(session, tool.name, answer)
  return await showFollowed(session, id, options.timeout ?? followForMs)
}

/** Follows a deployment and shows how it was left. */
export async function showFollowed(
  session: Session,
  id: string,
  timeoutMs: number,
): Promise<ExitCode> {
  const { answer, exit } = await follow(session, id, timeoutMs)
  await show(session, followTool, answer)
  return exit
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

function startedBy(tool: Tool, { output }: ToolAnswer): string | null {
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
  const { call } = session
  const name = tool.environment(input, call.project)
  if (findEnvironment(call.project, name ?? '')?.approval !== 'none') return
  const preview = await tool.call({ ...input, dry_run: true }, call)
  // What would be refused anyway is not asked about: the call itself says why.
  if (!String(preview.output.accepted).startsWith('yes')) return
  const plan = preview.output.plan as Plan
  const request = { requester: principalLabel(call.principal), expires_at: null }
  const lines = renderPlan(planView(plan, request), session.page('err'))
  for (const line of lines) session.tell(line)
  const answer = await ask(session.surface, `Go on with ${name}? [y/N] `, session.again('--yes'))
  if (!/^y(?:es)?$/i.test(answer)) throw declined(`${plan.action} to ${name}`)
}

async function show(
  session: Session,
  tool: string,
  answer: ToolAnswer,
  { checks }: Record<string, unknown> = {},
): Promise<ExitCode> {
  printJson(session, answer.output)
  const { output, summary } = tool === followTool ? await withWholeLog(session, answer) : answer
  const told = { summary, output: { ...output, whole: checks === true } }
  for (const line of renderAnswer(tool, told, session.page('out'))) session.print(line)
  return exitOfOutput(answer.output)
}

async function withWholeLog({ call }: Session, { output, summary }: ToolAnswer) {
  const { deployment_id } = output.deployment as { deployment_id: string }
  const logs = await lastLog(call, deployment_id, (output.logs as string[]).length)
  return { summary, output: { ...output, logs } }
}

/** The first answer of a followed command goes to stderr: stdout gets the last one. */
function say({ options, page, tell }: Session, tool: string, answer: ToolAnswer): void {
  if (options.quiet) return
  for (const line of renderAnswer(tool, answer, page('err'))) tell(line)
}
