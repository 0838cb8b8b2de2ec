// A process that appends `count` lines to the log at `path` and tells the seq of each on stdout. When
// the log refuses, it tells why on stderr and ends with 1. A busy one appends four lines at a time, and
// its log is sealed and rotated all the time.
import { toFailure } from '../../../src/core/failure.ts'
import { auditPolicyFor, testAuditLog } from '../../support/audit-log.ts'

const [path = '', user = '', count = '', busy = ''] = process.argv.slice(2)
const log = testAuditLog(busy ? { path, policy: busyPolicy(path) } : { path })

function busyPolicy(of: string) {
  return auditPolicyFor(of, { checkpoint: { lines: 7, minutes: 10 }, rotate_mb: 0.01 })
}

async function append(number: number): Promise<void> {
  const line = await log.append({
    operation: 'promote_to_production',
    user,
    environment: 'production',
    success: null,
    phase: 'intent',
    details: { number },
    request_id: `${user}-${number}`,
    correlation_id: null,
    dry_run: false,
    approval: null,
  })
  process.stdout.write(`${line.seq}\n`)
}

try {
  const atOnce = busy ? 4 : 1
  for (let number = 1; number <= Number(count); number += atOnce)
    await Promise.all(Array.from({ length: atOnce }, (_, index) => append(number + index)))
} catch (error) {
  const { code, message } = toFailure(error)
  process.stderr.write(`${code}: ${message}\n`)
  process.exitCode = 1
}
