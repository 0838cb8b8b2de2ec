import {
  approvalNamespace,
  type Approval,
  type ApprovalRequest,
  type Decision,
  type DecisionStatement,
} from '../core/approval.ts'
import { personOf } from '../core/approver-policy.ts'
import { canonicalJson } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Approver, Signer } from '../ports/signer.ts'
import { reachedLevel } from '../tools/support/level.ts'
import { timestamp } from '../tools/support/time.ts'

/** What a person says about a request. */
export interface Word {
  verdict: DecisionStatement['verdict']
  reason: string | null
  /** Hash of the one-time code that is wanted to use it; null: the id will do. */
  code_sha256: string | null
}

/** The longest reason that is kept. */
const reasonLength = 300

/** What is signed. The request comes from what was shown, never from a row that is read again. */
export function statementOf(
  now: number,
  request: ApprovalRequest,
  { verdict, reason, code_sha256 }: Word,
): DecisionStatement {
  const said = reason === null ? '' : oneLine(reason, reasonLength)
  return {
    format: 'gonogo-decision-v1',
    verdict,
    request,
    reason: said === '' ? null : said,
    code_sha256,
    decided_at: timestamp(now),
  }
}

/** Signs a statement; ssh-keygen itself asks for a passphrase. Needs no project. */
export async function signStatement(
  { signer }: { signer: Pick<Signer, 'sign'> },
  statement: DecisionStatement,
  keyFile: string,
): Promise<{ statement: string; signature: string }> {
  const text = canonicalJson(statement)
  return { statement: text, signature: await signer.sign(text, keyFile, approvalNamespace) }
}

/** A signed statement as a decision: verified first, so that nothing is stored that nobody could use. */
export async function verifiedDecision(
  call: Call,
  approval: Approval,
  { verdict }: Pick<DecisionStatement, 'verdict'>,
  { statement, signature }: { statement: string; signature: string },
): Promise<Decision> {
  return (await verifiedWord(call, approval, { verdict }, { statement, signature })).decision
}

/** The same, and whose key it was. */
export async function verifiedWord(
  call: Call,
  approval: Approval,
  { verdict }: Pick<DecisionStatement, 'verdict'>,
  { statement, signature }: { statement: string; signature: string },
): Promise<{ decision: Decision; approver: Approver }> {
  const checked = await call.signer.verify(statement, signature, approvalNamespace)
  if (!checked.valid) throw unverified(checked.problem)
  const { approver } = checked
  const { name } = approver
  const decision: Decision = {
    ...newDecision(call, approval.id, verdict),
    method: 'ssh_signature',
    person: personOf(call.project.approvals, { kind: 'signer', name }),
    identity: name,
    level: await reachedLevel(call, checked.approver, checked.user_present),
    statement,
    signature,
  }
  return { decision, approver }
}

/** Somebody's at the desk who has no approver's key at hand: enough to say no. */
export function unsignedDecision(call: Call, approval: Approval, word: Word): Decision {
  const { name } = call.principal
  return {
    ...newDecision(call, approval.id, word.verdict),
    method: 'unsigned',
    person: personOf(call.project.approvals, { kind: 'user', name }),
    identity: name,
    level: 'L0',
    statement: canonicalJson(statementOf(call.runtime.now(), approval.request, word)),
    signature: null,
  }
}

function newDecision(
  { runtime }: { runtime: Runtime },
  approval_id: string,
  verdict: Decision['verdict'],
) {
  return { id: runtime.id('dec'), approval_id, verdict, url: null, decided_at: runtime.now() }
}

function unverified(problem: string): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `the signature does not verify: ${problem}`,
    hint: 'run gonogo approver list and check that the key is registered for this project',
  })
}
