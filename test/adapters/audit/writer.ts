// A process that appends `count` lines to the log at `path` and tells the seq of each on stdout. When
// the log refuses, it tells why on stderr and ends with 1.
import { createAuditLog } from '../../../src/adapters/audit/log.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { toFailure } from '../../../src/core/failure.ts'

const [path = '', user = '', count = ''] = process.argv.slice(2)
const log = createAuditLog({ path, runtime: createRuntime(), secrets: () => [] })

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
  for (let number = 1; number <= Number(count); number++) await append(number)
} catch (error) {
  const { code, message } = toFailure(error)
  process.stderr.write(`${code}: ${message}\n`)
  process.exitCode = 1
}
