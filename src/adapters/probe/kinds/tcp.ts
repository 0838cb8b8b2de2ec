import type { Socket } from 'node:net'
import type { TcpStep } from '../../../core/smoke.ts'
import { networkProblem } from '../network-problem.ts'
import { unasked, type StepOutcome, type StepRun } from '../step-outcome.ts'
import { fillText } from '../template.ts'
import { attempt, wrong, type Tell } from './attempt.ts'
import { openSocket } from './socket.ts'

/** Bytes read while the expected text is looked for. */
const mostBytes = 64 * 1024

/** Connects, sends what there is to send, and reads until what is expected was there. */
export async function runTcpStep(step: TcpStep, run: StepRun): Promise<StepOutcome> {
  const host = fillText(step.host, run.values)
  const refusal = isReference(step.host)
    ? run.hosts.addressRefusal(host)
    : run.hosts.refusal(host, step.port)
  if (refusal !== null) return unasked(refusal)
  return await attempt(run, async (signal, tell) => {
    try {
      const target = { host, port: step.port, security: step.tls ? 'verified' : 'plain' } as const
      const socket = await openSocket(target, { run, signal, tell })
      if (step.send !== null) socket.write(fillText(step.send, run.values))
      return await listen(socket, step, run, tell)
    } catch (error) {
      return wrong(networkProblem(error as Error))
    }
  })
}

/** A host that a variable of the environment names was configured by whoever set it. */
function isReference(host: string): boolean {
  return /^\{\{\s*env\.\w+\s*\}\}$/.test(host)
}

async function listen(
  socket: Socket,
  step: TcpStep,
  run: StepRun,
  tell: Tell,
): Promise<StepOutcome> {
  const { contains } = step.expect
  if (contains === null) return { ran: true, problems: [], found: 'connected' }
  const wanted = fillText(contains, run.values)
  tell(`nothing with ${JSON.stringify(wanted)} came back`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of socket as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (Buffer.concat(chunks).includes(wanted)) {
      return { ran: true, problems: [], found: `answered with ${JSON.stringify(wanted)}` }
    }
    if (size > mostBytes) break
  }
  const got = run.mask.show(Buffer.concat(chunks).toString('utf8'))
  return wrong(`expected an answer with ${JSON.stringify(wanted)}, got ${got || 'nothing'}`)
}
