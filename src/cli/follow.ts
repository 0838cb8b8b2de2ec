import { isUnderWay, type DeploymentStatus } from '../core/deployment.ts'
import { getDeploymentStatus } from '../tools/get-deployment-status.ts'
import { Failure } from '../core/failure.ts'
import type { ToolAnswer } from '../tools/define-tool.ts'
import { exits, type ExitCode } from './exit.ts'
import type { Session } from './session.ts'

const pollMs = 1000

/** Where a followed deployment was left. */
export interface Followed {
  answer: ToolAnswer
  exit: ExitCode
}

/** Follows a deployment until it ends or the time is up. Leaving does not stop the deployment. */
export async function follow(session: Session, id: string, timeoutMs: number): Promise<Followed> {
  const { call } = session
  const deadline = call.runtime.now() + timeoutMs
  let shown = ''
  for (;;) {
    const answer = await getDeploymentStatus.call({ deployment_id: id }, call)
    const { status, phase } = answer.output.deployment as {
      status: DeploymentStatus
      phase: string
    }
    if (`${status} ${phase}` !== shown) tell(session, id, status, phase)
    shown = `${status} ${phase}`
    if (!isUnderWay({ status }) && phase === 'ended') {
      return { answer, exit: status === 'success' ? exits.done : exits.endedBadly }
    }
    if (call.runtime.now() >= deadline) return { answer, exit: exits.pending }
    await call.runtime.sleep(pollMs, call.signal).catch(() => left(id))
  }
}

function left(id: string): never {
  throw new Failure({
    code: 'interrupted',
    message: `stopped following; ${id} goes on`,
    hint: `come back with gonogo status ${id} --watch`,
  })
}

function tell({ note }: Session, id: string, status: string, phase: string): void {
  note(`${id}  ${status}${phase === 'ended' ? '' : `  ${phase}`}`)
}
