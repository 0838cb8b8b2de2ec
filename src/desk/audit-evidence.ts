import type { Approval } from '../core/approval.ts'
import type { AuditLine } from '../core/audit.ts'
import { toJson } from '../core/canonical.ts'
import { isUnderWay, type Deployment } from '../core/deployment.ts'
import {
  bodyText,
  evidenceOperation,
  signerLine,
  type BundledGate,
  type EvidenceBody,
  type EvidenceBundle,
} from '../core/evidence/bundle.ts'
import { isChanging } from '../core/evidence/lines.ts'
import { Failure } from '../core/failure.ts'
import type { Plan } from '../core/plan.ts'
import { principalLabel } from '../core/principal.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Evidence } from '../ports/store.ts'

/** Of looks at it there may be more. */
const mostLines = 500

/**
 * Everything about one deployment in one bundle that can be verified without gonogo's store. The log gets
 * a line with the bundle's hash, so that nothing in it can be changed afterwards.
 */
export async function auditEvidence(call: Call, id: string): Promise<EvidenceBundle> {
  const { deployment, approval, evidence } = await stored(call, id)
  const lines = await linesAbout(call, deployment)
  const body = await bodyOf(call, { deployment, approval, evidence }, lines)
  const seal = await sealed(call, deployment, body)
  return { ...body, log: await call.audit.prove([...lines, seal.seq]) }
}

interface Stored {
  deployment: Deployment
  approval: Approval | null
  evidence: Evidence[]
}

async function stored(call: Call, id: string): Promise<Stored> {
  const found = await call.store.read(async (tables) => {
    const deployment = await tables.deployments.get(id)
    if (deployment === null) return null
    const { approval_id } = deployment
    const approval = approval_id === null ? null : await tables.approvals.get(approval_id)
    return { deployment, approval, evidence: await tables.evidence.ofDeployment(id) }
  })
  if (found === null) throw unknownDeployment(id)
  requireEvidence(found.deployment)
  return found
}

function unknownDeployment(id: string): Failure {
  return new Failure({
    code: 'unknown_deployment',
    message: `there is no deployment "${oneLine(id, 64)}"`,
    hint: 'run gonogo list to see the deployments',
    details: { field: 'deployment_id' },
  })
}

function requireEvidence(deployment: Deployment): void {
  const { id, kind, environment } = deployment
  if (kind === 'observed' || kind === 'adoption') {
    throw new Failure({
      code: 'invalid_input',
      message: `${id} was not made by gonogo, which has no plan and no evidence of it`,
      hint: `gonogo audit report --environment ${environment} --from DATE lists it with what is known`,
    })
  }
  if (!isUnderWay(deployment) && deployment.phase === 'ended') return
  throw new Failure({
    code: 'pending',
    message: `${id} has not ended, so the log does not tell its result yet`,
    hint: `wait for it with gonogo status ${id} --watch, then call again`,
    retryable: true,
  })
}

async function bodyOf(
  call: Call,
  { deployment, approval, evidence }: Stored,
  lines: number[],
): Promise<EvidenceBody> {
  const { id, environment, kind, status, release, initiated_by, plan_hash, approval_id, plan } =
    deployment
  const { policy_hash } = JSON.parse(plan) as Plan
  return {
    format: 'gonogo-evidence-v1',
    project: call.project.name,
    policy_hash,
    deployment: {
      id,
      environment,
      kind,
      status,
      release: { sha: release.sha, version: release.version },
      initiated_by,
      plan_hash,
      approval_id,
    },
    plan,
    request: approval?.request ?? null,
    decisions: (approval?.decisions ?? []).map(
      ({ verdict, method, identity, statement, signature, url }) => ({
        verdict,
        method,
        identity,
        statement,
        signature,
        url,
      }),
    ),
    signers: await signersOf(call, approval),
    gates: evidence.map(gateOf),
    lines,
  }
}

/** Of those who decided, as far as they are approvers still. */
async function signersOf(call: Call, approval: Approval | null): Promise<string[]> {
  if (approval === null) return []
  const names = new Set(approval.decisions.map(({ identity }) => identity))
  const approvers = await call.approvers.list()
  return approvers.filter(({ name }) => names.has(name)).map(signerLine)
}

function gateOf({ check }: Evidence): BundledGate {
  const { check_name, status, ran, message, details } = check
  return { check_name, status, ran, message, details: toJson(details) as BundledGate['details'] }
}

/** Lines that name the deployment or its approval, in their order. */
async function linesAbout(call: Call, { id, approval_id }: Deployment): Promise<number[]> {
  const found: number[] = []
  for await (const { correlation_id, operation, seq } of call.audit.lines()) {
    call.signal.throwIfAborted()
    const isAbout = correlation_id === id || (correlation_id ?? '') === approval_id
    if (isAbout && (found.length < mostLines || isChanging(operation))) found.push(seq)
  }
  return found
}

/** One line and not two: nothing is changed but the log itself. */
async function sealed(
  call: Call,
  { id, environment }: Deployment,
  body: EvidenceBody,
): Promise<AuditLine> {
  const bundle = `sha256:${call.runtime.sha256(bodyText(body))}`
  return await call.audit.append({
    operation: evidenceOperation,
    user: principalLabel(call.principal),
    environment,
    success: true,
    phase: 'result',
    details: { deployment_id: id, bundle },
    request_id: call.requestId,
    // Not the deployment's own: an earlier export is no part of what happened.
    correlation_id: null,
    dry_run: false,
    approval: null,
  })
}
