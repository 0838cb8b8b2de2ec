import { sanitize } from '../../core/text.ts'
import { adopt } from '../../desk/adopt.ts'
import { addApprover, listApprovers, removeApprover } from '../../desk/approvers.ts'
import { liftHold, listHolds } from '../../desk/holds.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'

export async function runApproverList(session: Session): Promise<ExitCode> {
  const approvers = await listApprovers(session.call)
  printJson(session, { signers_file: session.call.approvers.path, approvers })
  if (approvers.length === 0) session.print('no approvers: run gonogo approver add NAME --key FILE')
  for (const { name, fingerprint, protection } of approvers) {
    session.print(`${sanitize(name)}  ${fingerprint}  protection: ${protection}`)
  }
  return exits.done
}

export async function runApproverAdd(
  session: Session,
  name: string,
  key: string,
): Promise<ExitCode> {
  const approver = await addApprover(session.call, name, key)
  printJson(session, { ...approver })
  session.print(
    `${name} may approve with ${approver.fingerprint} (protection: ${approver.protection})`,
  )
  if (approver.protection === 'none') {
    session.note('the key has no passphrase: its approvals reach level L0 (docs/security.md)')
  }
  return exits.done
}

export async function runApproverRemove(session: Session, name: string): Promise<ExitCode> {
  const approver = await removeApprover(session.call, name)
  printJson(session, { ...approver })
  session.print(`${name} may no longer approve`)
  return exits.done
}

export async function runAdopt(
  session: Session,
  environment: string,
  ref: string,
): Promise<ExitCode> {
  const adopted = await adopt(session.call, environment, ref)
  printJson(session, { ...adopted })
  session.print(`${environment} runs ${adopted.version}: ${adopted.message}`)
  return exits.done
}

export async function runHoldList(session: Session): Promise<ExitCode> {
  const names = session.call.project.environments.map((environment) => environment.name)
  const holds = await listHolds(session.call, names)
  printJson(session, { holds })
  if (holds.length === 0) session.print('no release is held')
  for (const { environment, version, reason } of holds) {
    session.print(`${environment}  ${version}  ${sanitize(reason)}`)
  }
  return exits.done
}

export async function runHoldLift(
  session: Session,
  environment: string,
  ref: string,
): Promise<ExitCode> {
  const lifted = await liftHold(session.call, environment, ref)
  printJson(session, { ...lifted })
  session.print(`${lifted.version} may return to ${environment}`)
  return exits.done
}
