import { isUnderWay, type DeploymentStatus } from '../core/deployment.ts'
import { getDeploymentStatus } from '../tools/get-deployment-status.ts'
import { Failure } from '../core/failure.ts'
import { lookEveryMs } from '../core/pace.ts'
import type { ToolAnswer } from '../tools/define-tool.ts'
import { exits, type ExitCode } from './exit.ts'
import type { DeploymentView } from './live/view.ts'
import type { Session } from './session.ts'
import { canRedraw } from './terminal.ts'

/** Unless --timeout says. */
export const followForMs = 30 * 60_000

/** Where a followed deployment was left. */
export interface Followed {
  answer: ToolAnswer
  exit: ExitCode
}

/**
 * Follows a deployment until it ends or the time is up: as a picture where somebody looks, else with
 * a line for every change. Leaving does not stop the deployment.
 */
export async function follow(session: Session, id: string, timeoutMs: number): Promise<Followed> {
  const { call, surface, options } = session
  const deadline = call.runtime.now() + timeoutMs
  const look = () => getDeploymentStatus.call({ deployment_id: id }, call)
  const isOver = (answer: ToolAnswer) => hasEnded(answer) || call.runtime.now() >= deadline
  try {
    const answer = canRedraw(surface, options)
      ? await followLive(session, id, look, isOver)
      : await followInLines(session, id, look, isOver)
    return { answer, exit: exitOf(answer) }
  } catch (error) {
    throw call.signal.aborted ? left(id) : error
  }
}

type Look = () => Promise<ToolAnswer>
type IsOver = (answer: ToolAnswer) => boolean

async function followLive(session: Session, id: string, look: Look, isOver: IsOver) {
  const [{ showLive }, { deploymentReader }, { deploymentFrame }] = await Promise.all([
    import('./live/live.ts'),
    import('./live/read-deployment.ts'),
    import('./live/deployment-frame.ts'),
  ])
  const read = deploymentReader(session.call, id)
  const { answer } = await showLive(session, {
    async look() {
      const found = await look()
      return { answer: found, view: await read(found) }
    },
    frame: ({ answer: found, view }, canvas) =>
      deploymentFrame(isOver(found) ? withoutAnswer(view) : view, canvas),
    over: ({ answer: found }) => isOver(found),
  })
  return answer
}

/** The answer follows on stdout, and has the log, the cause and what the checks found. */
function withoutAnswer(view: DeploymentView): DeploymentView {
  return { ...view, log: [], fault: null, steps: view.steps.map((step) => ({ ...step, text: '' })) }
}

async function followInLines({ call, note }: Session, id: string, look: Look, isOver: IsOver) {
  let shown = ''
  for (;;) {
    const answer = await look()
    const { status, phase } = standing(answer)
    const line = `${id}  ${status}${phase === 'ended' ? '' : `  ${phase}`}`
    if (line !== shown) note(line)
    shown = line
    if (isOver(answer)) return answer
    await call.runtime.sleep(lookEveryMs(call.pipeline?.pace), call.signal)
  }
}

function standing({ output }: ToolAnswer): { status: DeploymentStatus; phase: string } {
  return output.deployment as { status: DeploymentStatus; phase: string }
}

function hasEnded(answer: ToolAnswer): boolean {
  const { status, phase } = standing(answer)
  return !isUnderWay({ status }) && phase === 'ended'
}

function exitOf(answer: ToolAnswer): ExitCode {
  if (!hasEnded(answer)) return exits.pending
  return standing(answer).status === 'success' ? exits.done : exits.endedBadly
}

function left(id: string): Failure {
  return new Failure({
    code: 'interrupted',
    message: `stopped following; ${id} goes on`,
    hint: `come back with gonogo status ${id} --watch`,
  })
}
