import type { AuditLine } from './audit.ts'

/**
 * Whether a line has what every line of ours has. A chain proves its order and not its content: whoever
 * wrote a file can chain anything.
 */
export function hasShape(line: AuditLine): boolean {
  const { operation, user, environment, phase, details, request_id, timestamp } = line
  const { correlation_id, approval, success } = line
  const texts: unknown[] = [operation, user, phase, request_id, timestamp]
  const perhaps: unknown[] = [environment, correlation_id]
  return (
    texts.every((value) => typeof value === 'string') &&
    perhaps.every((value) => value === null || typeof value === 'string') &&
    isRecord(details) &&
    (approval === null || isRecord(approval)) &&
    (success === null || typeof success === 'boolean')
  )
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
