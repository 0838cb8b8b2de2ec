import { approvalNamespace, type Approval, type Decision } from '../../core/approval.ts'
import { personOf } from '../../core/approver-policy.ts'
import { readStatement } from '../../core/consent.ts'
import { toFailure } from '../../core/failure.ts'
import type { JudgedDecision } from '../../core/report/change.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { PlatformDecision } from '../../ports/platform-approvals.ts'

type Proof = Pick<JudgedDecision, 'proof' | 'problem'>

/** Proves every decision again, against the approvers and the platform of now. Changes nothing. */
export async function judgeDecisions(
  call: Call,
  approval: Approval | null,
): Promise<JudgedDecision[]> {
  if (approval === null) return []
  const said = await platformDecisions(call, approval)
  const judged: JudgedDecision[] = []
  for (const decision of approval.decisions) {
    const kind = decision.method === 'github_login' ? 'github' : 'signer'
    const person = personOf(call.project.approvals, { kind, name: decision.identity })
    judged.push({ decision, person, ...(await prove(call, approval, decision, said)) })
  }
  return judged
}

/** What the platform says now; a text when it could not be asked. */
async function platformDecisions(
  { platformApprovals }: Call,
  { request, decisions }: Approval,
): Promise<PlatformDecision[] | string> {
  if (!decisions.some(({ method }) => method === 'github_login')) return []
  if (platformApprovals === null) return 'no platform is configured that could be asked for it'
  try {
    return await platformApprovals.decisions(request)
  } catch (error) {
    return `it could not be read again: ${oneLine(toFailure(error).message, 160)}`
  }
}

async function prove(
  call: Call,
  { request }: Approval,
  decision: Decision,
  said: PlatformDecision[] | string,
): Promise<Proof> {
  if (decision.method === 'static_token' || decision.method === 'unsigned')
    return unproven('nobody signed it')
  if (request.format !== 'gonogo-approval-v2')
    return unproven('an earlier gonogo made it, whose approvals this one does not verify')
  const read = readStatement(decision, request)
  if ('problem' in read) return contradicted(read.problem)
  return decision.method === 'ssh_signature'
    ? await proveSignature(call, decision)
    : proveLogin(decision, said)
}

async function proveSignature(
  { signer }: Call,
  { identity, statement, signature }: Decision,
): Promise<Proof> {
  if (signature === null) return contradicted('its signature is missing')
  const verdict = await signer.verify(statement, signature, approvalNamespace)
  if (!verdict.valid && verdict.unlisted) {
    const problem = `the key that signed is no approver's any more, so that nothing is proven: ${verdict.problem}`
    return { proof: 'unlisted', problem }
  }
  if (!verdict.valid) return contradicted(verdict.problem)
  const { name } = verdict.approver
  return name === identity ? verified : contradicted(`the signature is by ${name}`)
}

function proveLogin(
  { url, verdict, identity }: Decision,
  said: PlatformDecision[] | string,
): Proof {
  if (typeof said === 'string') return unproven(said)
  const found = said.find((one) => one.url === url)
  if (!found) return unproven('it can no longer be found where it was made')
  if (found.problem !== null) return contradicted(found.problem)
  const same = found.verdict === verdict && found.login.toLowerCase() === identity.toLowerCase()
  return same ? verified : contradicted(`${found.login} says ${found.verdict} there`)
}

const verified: Proof = { proof: 'verified', problem: null }

function unproven(problem: string): Proof {
  return { proof: 'unproven', problem }
}

function contradicted(problem: string): Proof {
  return { proof: 'contradicted', problem }
}
