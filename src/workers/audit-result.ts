import type { AuditEvent } from '../core/audit.ts'
import type { Deployment, DeploymentKind } from '../core/deployment.ts'
import type { Call } from '../ports/context.ts'

const operations = {
  deploy: 'deploy',
  promotion: 'promote',
  rollback: 'rollback',
  adoption: 'adopt',
  observed: 'observe',
} as const satisfies Record<DeploymentKind, string>

/** The second line of an effect: how the deployment ended. Written once, also when repeated after a crash. */
export async function auditResult(call: Call, deployment: Deployment): Promise<void> {
  const { release, fault, status, health_status, verified } = deployment
  const event: AuditEvent = {
    operation: operations[deployment.kind],
    user: deployment.initiated_by,
    environment: deployment.environment,
    success: status === 'success',
    phase: 'result',
    details: {
      status,
      version: release.version,
      sha: release.sha,
      health_status,
      verified,
      ...(fault && { phase: fault.phase, step: fault.step, cause: fault.cause.slice(0, 300) }),
    },
    request_id: call.requestId,
    correlation_id: deployment.id,
    dry_run: false,
    approval: null,
  }
  await call.audit.appendOnce(
    event,
    ({ phase, correlation_id, operation }) =>
      phase === 'result' && correlation_id === deployment.id && operation === event.operation,
  )
}
