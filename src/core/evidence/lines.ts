import { auditText, parseAuditLine, type AuditLine } from '../audit.ts'
import { hasShape } from '../audit-shape.ts'
import { canonicalJson } from '../canonical.ts'
import type { Crypto } from '../crypto.ts'
import { bodyText, evidenceOperation, type EvidenceBundle } from './bundle.ts'
import { decidedAt } from './consent.ts'
import { contradicted, contradictionsIn, hexHash, type EvidenceFinding } from './finding.ts'

/** Whether the lines of the log say the same as the rest of the bundle, and in the right order. */
export function lineFindings(bundle: EvidenceBundle, crypto: Crypto): EvidenceFinding[] {
  const lines = linesOf(bundle)
  if (typeof lines === 'string') return [contradicted('lines', lines)]
  const own = lines.filter(({ correlation_id }) => correlation_id === bundle.deployment.id)
  const intent = own.find((line) => isChange(line) && line.phase === 'intent')
  const result = own.find((line) => isChange(line) && line.phase === 'result')
  if (!intent || !result)
    return [contradicted('lines', `the line of the ${intent ? 'result' : 'intent'} is missing`)]
  const problems = [
    ...orderProblems(intent, result),
    ...intentProblems(bundle, intent),
    ...resultProblems(bundle, result),
    ...consentProblems(bundle, intent),
    ...sealProblems(bundle, lines.at(-1), crypto),
  ]
  const gates = gateProblems(bundle, intent, crypto)
  return [
    ...problems.map((text) => contradicted('lines', text)),
    ...gates.map((text) => contradicted('gates', text)),
    ...(problems.length > 0
      ? []
      : [
          said(
            'lines',
            `line ${intent.seq} tells its intent, line ${result.seq} its result: ${bundle.deployment.status}`,
          ),
        ]),
    ...(gates.length > 0
      ? []
      : [said('gates', `the evidence of every check of line ${intent.seq} is what it names`)]),
    ...withoutRequest(bundle, intent),
    ...lateDecisions(bundle, intent),
    ...endedBefore(bundle, intent),
  ]
}

function said(what: EvidenceFinding['what'], text: string): EvidenceFinding {
  return { state: 'proven', what, text }
}

/** The lines in their order, or what is wrong with them. */
function linesOf({ log }: EvidenceBundle): AuditLine[] | string {
  const lines: AuditLine[] = []
  for (const { seq, text } of log.lines) {
    const line = parseAuditLine(text)
    if (line === null || !hasShape(line) || auditText(line) !== text)
      return `line ${seq} is no line of a log`
    if (line.seq !== seq) return `line ${seq} says that it is line ${line.seq}`
    if (seq <= (lines.at(-1)?.seq ?? 0)) return `line ${seq} is not in order`
    lines.push(line)
  }
  return lines
}

const changing: ReadonlySet<string> = new Set(['deploy', 'promote', 'rollback'])

function isChange({ operation, dry_run }: AuditLine): boolean {
  return isChanging(operation) && !dry_run
}

/** Without the lines of these there is no evidence. */
export function isChanging(operation: string): boolean {
  return changing.has(operation)
}

function orderProblems(intent: AuditLine, result: AuditLine): string[] {
  return intent.seq < result.seq ? [] : ['the result was written before the intent']
}

function intentProblems({ deployment }: EvidenceBundle, intent: AuditLine): string[] {
  const place = `line ${intent.seq}`
  return [
    ...contradictionsIn(place, { ...intent }, [
      ['environment', deployment.environment],
      ['user', deployment.initiated_by],
    ]),
    ...contradictionsIn(place, intent.details, [
      ['plan_hash', deployment.plan_hash],
      ['sha', deployment.release.sha],
      ['version', deployment.release.version],
      ['approval_id', deployment.approval_id],
    ]),
  ]
}

function resultProblems({ deployment }: EvidenceBundle, result: AuditLine): string[] {
  // A rollback marks what it left behind, long after that ended.
  const status = deployment.status === 'rolled_back' ? 'success' : deployment.status
  const place = `line ${result.seq}`
  return [
    ...contradictionsIn(place, { ...result }, [['environment', deployment.environment]]),
    ...contradictionsIn(place, result.details, [
      ['status', status],
      ['sha', deployment.release.sha],
      ['version', deployment.release.version],
    ]),
  ]
}

/** Consent is used while it is valid. */
function consentProblems({ request }: EvidenceBundle, intent: AuditLine): string[] {
  if (request === null || request.expires_at >= intent.timestamp) return []
  return [`the request had expired when line ${intent.seq} was written`]
}

/** Whoever signed had a clock of their own: it proves no order, and it is told. */
function lateDecisions({ decisions }: EvidenceBundle, { timestamp, seq }: AuditLine) {
  return decisions
    .filter(({ verdict, statement }) => verdict === 'approved' && decidedAt(statement) > timestamp)
    .map(({ identity }): EvidenceFinding => {
      const text = `${identity} approved, by their own clock, after line ${seq} was written`
      return { state: 'claimed', what: 'decision', text }
    })
}

/** Who rejected a request, or took an approval back, ended it: nothing was to use it afterwards. */
function endedBefore({ decisions }: EvidenceBundle, { timestamp, seq }: AuditLine) {
  return decisions
    .filter(
      ({ verdict, statement }) =>
        verdict !== 'approved' && isBefore(decidedAt(statement), timestamp),
    )
    .map(({ verdict, identity }) =>
      contradicted('decision', `${verdict} by ${identity} before line ${seq} was written`),
    )
}

function isBefore(one: string, other: string): boolean {
  return one !== '' && one < other
}

/** gonogo wrote the hash of the whole bundle into the log when it made it. */
function sealProblems(
  bundle: EvidenceBundle,
  last: AuditLine | undefined,
  crypto: Crypto,
): string[] {
  if (last?.operation !== evidenceOperation) return ['the last line does not seal the bundle']
  const named = [...bundle.lines, last.seq]
  if (canonicalJson(named) !== canonicalJson(bundle.log.lines.map(({ seq }) => seq)))
    return ['the lines are not those that the bundle names']
  return contradictionsIn(`line ${last.seq}`, last.details, [
    ['deployment_id', bundle.deployment.id],
    ['bundle', `sha256:${hexHash(crypto, bodyText(bundle))}`],
  ])
}

function gateProblems({ gates }: EvidenceBundle, intent: AuditLine, crypto: Crypto): string[] {
  const { checks } = intent.details
  if (!Array.isArray(checks)) return [`line ${intent.seq} names no checks`]
  return (checks as (Record<string, unknown> | null)[]).flatMap((check) => {
    const name = check?.['check_name']
    const found = gates.some(
      (gate) =>
        gate.check_name === name &&
        gate.status === check?.['status'] &&
        gate.ran === check['ran'] &&
        `sha256:${hexHash(crypto, canonicalJson(gate.details))}` === check['evidence'],
    )
    return found ? [] : [`the evidence of ${String(name)} is not what line ${intent.seq} names`]
  })
}

/** What the log itself says about a consent that nobody signed, so that no silence is taken for one. */
function withoutRequest(
  { request }: EvidenceBundle,
  { approval, seq }: AuditLine,
): EvidenceFinding[] {
  if (approval?.method === 'static_token') {
    const text = `line ${seq} says that a static token approved it: nobody signed that`
    return [{ state: 'claimed', what: 'decision', text }]
  }
  if (request !== null) return []
  if (approval === null)
    return [
      said('decision', `line ${seq} names no approval: nobody was asked, and nobody approved it`),
    ]
  return [contradicted('decision', `line ${seq} names an approval, and none is here`)]
}
