import { readStatement } from '../consent.ts'
import type { BundledDecision, EvidenceBundle } from './bundle.ts'
import { contradicted, contradictionsIn, fieldsOf, type EvidenceFinding } from './finding.ts'

/** What became of verifying one signature with `ssh-keygen`. */
export type SignatureFact =
  | { valid: true; name: string }
  /** `unlisted`: its key is no approver's in the list that was used. */
  | { valid: false; unlisted: boolean; problem: string }

/** Whether what people were asked is what was deployed. */
export function requestFindings(bundle: EvidenceBundle): EvidenceFinding[] {
  const { request, deployment, decisions, project } = bundle
  if (request === null) {
    if (decisions.length === 0 && deployment.approval_id === null) return []
    return [contradicted('request', 'decisions or an approval are named, and no request is there')]
  }
  const problems = contradictionsIn('the request', request, [
    ['id', deployment.approval_id],
    ['project', project],
    ['environment', deployment.environment],
    ['version', deployment.release.version],
    ['commit', deployment.release.sha],
    ['plan_hash', deployment.plan_hash],
    ['requester', deployment.initiated_by],
    ['action', actions[deployment.kind as keyof typeof actions]],
  ])
  if (problems.length > 0) return problems.map((text) => contradicted('request', text))
  const text = `request ${request.id} is for this plan, commit and environment`
  return [{ state: 'proven', what: 'request', text }]
}

const actions = { deploy: 'deploy', promotion: 'promote', rollback: 'rollback' } as const

/** Each decision by itself; without one that approves, a request let nothing through. */
export function decisionFindings(
  bundle: EvidenceBundle,
  given: { signatures: readonly (SignatureFact | null)[]; signersGiven: boolean },
): EvidenceFinding[] {
  const { request, decisions } = bundle
  if (request === null) return []
  const found = decisions.map((decision, index) =>
    judgeDecision(bundle, decision, given.signatures[index] ?? null, given.signersGiven),
  )
  if (decisions.some(({ verdict }) => verdict === 'approved')) return found
  return [...found, contradicted('decision', 'nobody approved the request that was used')]
}

function judgeDecision(
  { request }: EvidenceBundle,
  decision: BundledDecision,
  signature: SignatureFact | null,
  signersGiven: boolean,
): EvidenceFinding {
  const who = `${decision.verdict} by ${decision.identity}`
  const read = request && readStatement(decision, request)
  if (read && 'problem' in read) return contradicted('decision', `${who}: ${read.problem}`)
  if (decision.method !== 'ssh_signature') return unsigned(decision, who)
  if (signature === null) return contradicted('decision', `${who}: its signature is missing`)
  if (!signature.valid) {
    const text = `${who}: ${signature.problem}`
    return { state: signature.unlisted ? 'claimed' : 'contradicted', what: 'decision', text }
  }
  if (signature.name !== decision.identity)
    return contradicted('decision', `${who}: the signature is by ${signature.name}`)
  return signersGiven
    ? { state: 'proven', what: 'decision', text: `${who}: the signature holds` }
    : {
        state: 'claimed',
        what: 'decision',
        text: `${who}: the signature holds, and only the bundle says that the key is theirs`,
      }
}

/** What can be asked of a platform, or not at all, is no proof offline. */
function unsigned({ method, url }: BundledDecision, who: string): EvidenceFinding {
  const where = url === null ? '' : `, see ${url}`
  const text = `${who} (${method}): nobody signed it, so it is not proven offline${where}`
  return { state: 'claimed', what: 'decision', text }
}

/** By the clock of whoever decided; empty for what is no decision. */
export function decidedAt(statement: string): string {
  const { decided_at } = fieldsOf(statement)
  return typeof decided_at === 'string' ? decided_at : ''
}
