import type { Approval, ApprovalState, Decision } from '../../core/approval.ts'
import type { ConsentVerdict } from '../../core/consent.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import type { Tables } from '../../ports/store.ts'
import { closeThread } from './attest.ts'
import { announceDecision, deliverSoon } from './notify.ts'
import type { Weighed } from './weigh.ts'

/** Keeps what people said on the platform since, and what that makes of the request. */
export async function recordFound(
  call: Call,
  approval: Approval,
  { found, verdict }: Pick<Weighed, 'found' | 'verdict'>,
): Promise<Approval> {
  const next = approval.state === 'open' ? stateAfter(verdict) : null
  if (found.length === 0 && next === null) return approval
  for (const decision of found) await auditFound(call, approval, decision)
  const kept = await call.store.write(async (tables) => {
    for (const decision of found) await keepOnce(call, tables, approval, decision)
    if (next !== null) await tables.approvals.move(approval.id, 'open', next)
    return await tables.approvals.get(approval.id)
  })
  await deliverSoon(call)
  if (next === 'rejected') await closeThread(call, approval, 'rejected')
  return kept ?? approval
}

function stateAfter({ kind }: ConsentVerdict): Exclude<ApprovalState, 'open'> | null {
  if (kind === 'missing') return null
  return kind === 'enough' ? 'approved' : 'rejected'
}

/** Another call may have read the same comment at the same time. */
async function keepOnce(
  call: Call,
  tables: Tables,
  approval: Approval,
  decision: Decision,
): Promise<void> {
  const { decisions } = (await tables.approvals.get(decision.approval_id)) ?? { decisions: [] }
  const known = decisions.some(
    ({ url, verdict }) => url === decision.url && verdict === decision.verdict,
  )
  if (known) return
  await tables.approvals.decide(decision)
  await announceDecision(call, tables, approval, decision)
}

async function auditFound(call: Call, approval: Approval, decision: Decision): Promise<void> {
  const { verdict, method, person, identity, level, url } = decision
  await call.audit.append({
    operation: 'approval_read',
    user: principalLabel(call.principal),
    environment: approval.environment,
    success: true,
    phase: 'result',
    details: { approval_id: approval.id, verdict, method, person, identity, level, url },
    request_id: call.requestId,
    correlation_id: approval.id,
    dry_run: false,
    approval: null,
  })
}
