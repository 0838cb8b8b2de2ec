import { levelOf, type AssuranceLevel } from '../../core/approval.ts'
import { Failure } from '../../core/failure.ts'
import type { Context } from '../../ports/context.ts'
import type { Approver } from '../../ports/signer.ts'

/** The level a signature by this approver reaches on this machine, now. */
export async function reachedLevel(
  call: Context,
  approver: Approver,
  userPresent: boolean,
): Promise<AssuranceLevel> {
  return levelOf({
    protection: approver.protection,
    user_present: userPresent,
    policy_out_of_reach: await outOfReach(call),
    held_by_agent: await call.signer.heldByAgent(approver.fingerprint),
  })
}

/** Whether this process's user can change nothing that decides: the program, the policy, the signers. */
export async function outOfReach(call: Context): Promise<boolean> {
  const { config_file } = call.project
  const decisive = [...(await call.programFiles()), ...(config_file === null ? [] : [config_file])]
  return await call.approvers.outOfReach(decisive)
}

/** What helps when a signature is worth too little. */
export const levelHint =
  'ask the operator to set gonogo up for level L1 as docs/security.md describes'

/** A valid approval that is worth less than policy asks for on this machine. */
export function levelTooLow(
  environment: string,
  level: AssuranceLevel,
  least: AssuranceLevel,
): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `Invalid approval token for ${environment} deployment: the approval reaches ${level} here, and ${least} is wanted`,
    hint: levelHint,
  })
}
