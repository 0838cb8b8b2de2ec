import type { AuditLine } from '../audit.ts'
import { decidedAt } from '../evidence/consent.ts'
import { neverStarted } from '../deployment.ts'
import type { ChangeFacts, StoredGate } from './change.ts'
import { oneLine } from '../text.ts'

/** Where the store, the log and what was signed do not say the same of one change. */
export function contradictions(facts: ChangeFacts): string[] {
  // Others' deployments are read from the platform; the log never told of them.
  if (facts.deployment.kind === 'observed') return []
  return [
    ...missingLines(facts),
    ...planProblems(facts),
    ...approvalProblems(facts),
    ...intentProblems(facts),
    ...resultProblems(facts),
    ...gateProblems(facts),
  ]
}

function missingLines({ deployment, logged }: ChangeFacts): string[] {
  const { phase } = deployment
  if (!logged?.intent) return ['the log holds no line of its intent']
  if (phase === 'ended' && !logged.result) return ['the log holds no line of its result']
  return []
}

function planProblems({ deployment, planHolds }: ChangeFacts): string[] {
  if (deployment.kind === 'adoption' || planHolds) return []
  return ['the stored plan does not have the hash that the deployment names']
}

function approvalProblems({ deployment, approval, logged }: ChangeFacts): string[] {
  const { approval_id, id } = deployment
  if (approval_id === null) return []
  if (approval === null) return [`its approval ${approval_id} is not in the store`]
  const { request, consumed_by } = approval
  // What never started gave its approval back.
  const consumed: Pair[] = neverStarted(deployment) ? [] : [['consumed_by', consumed_by, id]]
  const used = logged?.intent?.timestamp ?? ''
  const late = used > request.expires_at ? ['the request had expired when it was used'] : []
  const ended = approval.decisions
    .filter(({ verdict, statement }) => verdict !== 'approved' && decidedAt(statement) < used)
    .map(({ verdict, identity }) => `${told(identity)} ${verdict} it before it was used`)
  const differing = differ('the request', [
    ['id', request.id, approval_id],
    ['plan_hash', request.plan_hash, deployment.plan_hash],
    ['environment', request.environment, deployment.environment],
    ['commit', request.commit, deployment.release.sha],
    ['version', request.version, deployment.release.version],
    ['requester', request.requester, deployment.initiated_by],
    ...consumed,
  ])
  return [...differing, ...late, ...ended]
}

function intentProblems({ deployment, logged, approval }: ChangeFacts): string[] {
  const line = logged?.intent
  if (!line) return []
  const { release } = deployment
  const common: Pair[] = [
    ['environment', line.environment, deployment.environment],
    ['user', line.user, deployment.initiated_by],
    ['sha', line.details['sha'], release.sha],
    ['version', line.details['version'], release.version],
  ]
  if (deployment.kind === 'adoption') return differ(lineName(line), common)
  return differ(lineName(line), [
    ...common,
    ['plan_hash', line.details['plan_hash'], deployment.plan_hash],
    ['approval_id', line.details['approval_id'] ?? null, approval?.id ?? deployment.approval_id],
  ])
}

function resultProblems({ deployment, logged }: ChangeFacts): string[] {
  const { intent, result } = logged ?? {}
  if (!result) return []
  const order = intent && intent.seq > result.seq ? ['its result was logged before its intent'] : []
  if (deployment.kind === 'adoption') return order
  // A rollback marks what it left behind, long after that ended.
  const status = deployment.status === 'rolled_back' ? 'success' : deployment.status
  return [
    ...order,
    ...differ(lineName(result), [
      ['status', result.details['status'], status],
      ['environment', result.environment, deployment.environment],
      ['sha', result.details['sha'], deployment.release.sha],
      ['health_status', result.details['health_status'], deployment.health_status],
      // Lines of an earlier gonogo do not tell it.
      ['verified', result.details['verified'] ?? deployment.verified, deployment.verified],
    ]),
  ]
}

function gateProblems({ gates, logged }: ChangeFacts): string[] {
  const checks = logged?.intent?.details['checks']
  if (!Array.isArray(checks)) return []
  return (checks as { check_name?: unknown; evidence?: unknown }[]).flatMap((check) => {
    const name = String(check?.check_name)
    const stored = gates.filter((gate: StoredGate) => gate.name === name)
    if (stored.some(({ evidence }) => evidence === check?.evidence)) return []
    const what = stored.length > 0 ? 'is not the one the log names' : 'is not in the store'
    return [`the evidence of ${told(name)} ${what}`]
  })
}

type Pair = [field: string, found: unknown, wanted: unknown]

function differ(place: string, pairs: readonly Pair[]): string[] {
  return pairs
    .filter(([, found, wanted]) => found !== wanted)
    .map(
      ([field, found, wanted]) =>
        `${place} says ${field} ${told(found)}, the deployment ${told(wanted)}`,
    )
}

function lineName({ seq }: AuditLine): string {
  return `line ${seq}`
}

function told(value: unknown): string {
  return typeof value === 'string' ? oneLine(value, 80) : String(value)
}
