import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, type Gonogo } from 'gonogo'
import { screen } from './screen.ts'

/** The part of an answer that says whether a person still has to decide. */
interface Consent {
  status: string
  approval?: { id: string; command: string; expires_at: string } | undefined
  warnings?: string[] | undefined
}

const askAgainMs = 2000

/** Shows a person what to run, and asks again with the request's id until they have decided. */
export async function approved<Answer extends Consent>(
  ask: (approval: { approval_token?: string }) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  let answer = await ask({})
  for (const warning of answer.warnings ?? []) screen.detail(`note: ${warning}`)
  if (answer.approval) screen.ask(`an approver has to run: ${answer.approval.command}`)
  while (answer.status === 'waiting_approval' && answer.approval) {
    const { id, expires_at } = answer.approval
    await sleep(askAgainMs, undefined, { signal }).catch(() => {
      throw left(`the request ${id} stays open until ${expires_at}`, 'start this again to go on')
    })
    answer = await ask({ approval_token: id })
  }
  return answer
}

/** Watches a deployment to its end; true when it succeeded. Ctrl-C ends the watching only. */
export async function succeeds(gonogo: Gonogo, id: string, signal: AbortSignal): Promise<boolean> {
  let shown = ''
  for await (const { deployment, failure, checks } of watched(gonogo, id, signal)) {
    const { status, phase, version, environment } = deployment
    if (shown !== phase) screen.detail(`${id} ${status}${phase === 'ended' ? '' : `, ${phase}`}`)
    shown = phase
    if (phase !== 'ended') continue
    if (status === 'success') screen.good(`${environment} runs ${version}`)
    else
      screen.bad(`${version} in ${environment}: ${status}: ${failure?.cause ?? 'no cause known'}`)
    screen.checks(checks.filter((check) => check.status === 'failed'))
    return status === 'success'
  }
  return false
}

async function* watched(gonogo: Gonogo, id: string, signal: AbortSignal) {
  try {
    yield* gonogo.follow(id, { signal, intervalMs: 500 })
  } catch (error) {
    if (!signal.aborted) throw error
    throw left(`stopped watching: ${id} goes on`, `come back with: gonogo status ${id} --watch`)
  }
}

function left(message: string, hint: string): Failure {
  return new Failure({ code: 'interrupted', message, hint })
}
