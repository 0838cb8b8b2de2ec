import { oneLine } from '../../core/text.ts'
import { policyTrust } from '../../tools/support/trust.ts'
import { fail, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Offline nobody is asked what the branch has. */
function withoutBranch({ basePolicy: _policy, ...call }: Patient['call']): Patient['call'] {
  return call
}

/** Whether an approver has pinned the policy that is in force. */
export async function trustFinding({ call, records, offline }: Patient): Promise<Finding> {
  const found = await records().catch(() => 'unreadable' as const)
  if (found === 'unreadable' || (found && found.damage.length > 0))
    return unseen('approvals', 'the trusted policy could not be read', 'mend the store first')
  const trust = found?.seen
    ? await policyTrust(offline ? withoutBranch(call) : call)
    : { state: 'never' as const }
  switch (trust.state) {
    case 'trusted':
      return ok('policy_trust', `the policy is trusted by ${trust.approver} (${trust.level})`)
    case 'reviewed':
      return ok('policy_trust', `the policy is what ${oneLine(trust.branch, 100)} has, by review`)
    case 'changed': {
      const message = `the policy changed since ${trust.approver} trusted it (${trust.changes.length} value(s)): guarded environments are blocked`
      return fail('policy_trust', message, 'gonogo trust')
    }
    case 'invalid': {
      const message = `no trusted policy counts: ${oneLine(trust.problem)}`
      return fail('policy_trust', message, 'gonogo trust')
    }
    case 'never':
      return call.project.approvals.mode === 'strict'
        ? fail(
            'policy_trust',
            'nobody has trusted this policy: guarded environments are blocked',
            'gonogo trust',
          )
        : warn(
            'policy_trust',
            'the policy is not pinned: whoever edits gonogo.yaml changes the rules',
            'gonogo trust',
          )
  }
}
