import type { Call } from '../ports/context.ts'
import type { Approver } from '../ports/signer.ts'
import { audited } from './audited.ts'
import { keyLabel } from './decide.ts'

/** Everyone whose signature counts. */
export async function listApprovers(call: Call): Promise<Approver[]> {
  return await call.approvers.list()
}

/** Registers a key. Whoever can write the signers file can do this: that is what level L0 means. */
export async function addApprover(call: Call, name: string, keyFile: string): Promise<Approver> {
  const key = await call.signer.inspect(keyFile)
  const { protection } = key
  const details = { name, key: keyLabel(call, key), protection }
  const act = { operation: 'approver_add', environment: null, details, correlation_id: null }
  return await audited(call, act, () => call.approvers.add(name, key))
}

/** Takes the right to approve away; signatures made before stop counting at once. */
export async function removeApprover(call: Call, name: string): Promise<Approver> {
  const act = {
    operation: 'approver_remove',
    environment: null,
    details: { name },
    correlation_id: null,
  }
  return await audited(call, act, () => call.approvers.remove(name))
}
