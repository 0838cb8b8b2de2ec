/**
 * What appending to the audit log costs: 64 calls at the same time, each of which waits until its own
 * line is durable, against one fsync per line: calls that wait for each other, and the same lines written
 * by a bare loop without any log around them. Taken in turns in one run on one disk, so that the ratios
 * can be compared; the target is 8. A disk whose fsync is faster than hashing a line gains less. Nothing
 * is asserted. Writes below the current directory: /tmp may be memory.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createAuditLog } from '../src/adapters/audit/log.ts'
import { createRuntime } from '../src/adapters/runtime/runtime.ts'
import type { AuditEvent } from '../src/core/audit.ts'

const rounds = Number(process.argv[2] ?? 20)
const callers = 64
const directory = mkdtempSync(join(process.cwd(), '.bench-audit-'))

const event: AuditEvent = {
  operation: 'promote_to_production',
  user: 'agent:claude',
  environment: 'production',
  success: null,
  phase: 'intent',
  details: { version: '1.2.3', sha: 'a'.repeat(40), plan: 'sha256:aaaaaaaaaaaa' },
  request_id: 'req_01JC0000000000000000000000',
  correlation_id: 'dep_01JC0000000000000000000000',
  dry_run: false,
  approval: null,
}

function openLog(path: string) {
  return createAuditLog({
    path,
    runtime: createRuntime(),
    secrets: () => [],
    project: 'bench',
    policy: {
      checkpoint: { lines: 100, minutes: 10 },
      key_file: join(directory, 'key'),
      anchors: { github_deployment: false, git_ref: null, file: null, stderr: false },
      rotate_mb: null,
      streams: [],
    },
    env: {},
    tell: () => undefined,
  })
}

async function together(log: ReturnType<typeof openLog>): Promise<number> {
  const begin = performance.now()
  await Promise.all(Array.from({ length: callers }, () => log.append(event)))
  return callers / (performance.now() - begin)
}

function oneByOne(fd: number, lines: readonly string[]): number {
  const begin = performance.now()
  for (const line of lines) {
    writeSync(fd, `${line}\n`)
    fdatasyncSync(fd)
  }
  return lines.length / (performance.now() - begin)
}

async function alone(log: ReturnType<typeof openLog>): Promise<number> {
  const begin = performance.now()
  for (let call = 0; call < 8; call++) await log.append(event)
  return 8 / (performance.now() - begin)
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!
}

try {
  const log = openLog(join(directory, 'audit.jsonl'))
  const plain = openSync(join(directory, 'plain.jsonl'), 'a')
  await together(log)
  const lines = readFileSync(log.path, 'utf8').trimEnd().split('\n').slice(0, callers)
  const rates = { together: [] as number[], one: [] as number[], alone: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    rates.together.push(await together(log))
    rates.one.push(oneByOne(plain, lines))
    rates.alone.push(await alone(log))
  }
  closeSync(plain)
  const perSecond = (values: readonly number[]) => `${Math.round(median(values) * 1000)} lines/s`
  const ratio = (values: readonly number[]) =>
    `${perSecond(values)}, ratio ${(median(rates.together) / median(values)).toFixed(1)}`
  console.log(`${callers} appends at the same time:            ${perSecond(rates.together)}`)
  console.log(`one append after another, fsync each:  ${ratio(rates.alone)} (target 8)`)
  console.log(`bare write and fsync per line, no log: ${ratio(rates.one)} (target 8)`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
