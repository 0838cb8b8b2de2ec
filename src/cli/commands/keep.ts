import { Failure } from '../../core/failure.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'

/**
 * Drives a deployment to its end, or everything that is due until it is interrupted. This is what a
 * keeper runs; a person may run it too, the lease keeps it single.
 */
export async function runKeep(session: Session, id: string | undefined): Promise<ExitCode> {
  const { call, surface } = session
  if (id !== undefined) await requireKnown(session, id)
  const how = await surface.keep(call, id ?? null, session.note)
  printJson(session, { deployment_id: id ?? null, outcome: how })
  session.print(`${id ?? 'all deployments'}: ${how.replaceAll('_', ' ')}`)
  if (how === 'gave_up') return exits.failed
  return how === 'interrupted' && id !== undefined ? exits.interrupted : exits.done
}

/** Sends what waits in the outbox. This is what is started for it; a person may run it, too. */
export async function runOutbox(session: Session, id: string | undefined): Promise<ExitCode> {
  const { call, surface } = session
  if (id !== undefined) throw bothAsked()
  const how = await surface.deliver(call, session.note)
  printJson(session, { outcome: how })
  session.print(`messages: ${how.replaceAll('_', ' ')}`)
  if (how === 'gave_up') return exits.failed
  return how === 'interrupted' ? exits.interrupted : exits.done
}

function bothAsked(): Failure {
  return new Failure({
    code: 'invalid_input',
    message: '--outbox is about messages, not about a deployment',
    hint: 'gonogo keep --outbox, or gonogo keep ID',
  })
}

async function requireKnown({ call }: Session, id: string): Promise<void> {
  if (await call.store.read((tables) => tables.deployments.get(id))) return
  throw new Failure({
    code: 'unknown_deployment',
    message: `there is no deployment ${JSON.stringify(id)}`,
    hint: 'run gonogo list to see the ids',
  })
}
