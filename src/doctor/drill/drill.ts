import { randomBytes } from 'node:crypto'
import { auditLine, auditVerifies } from './audit.ts'
import { changedSince, ledger } from './ledger.ts'
import { serverAnswers } from './mcp.ts'
import { deployDryRun, readOnlyCalls, smokeDryRun, validateDryRun } from './rehearsal.ts'
import { carriedOut, type DrillOptions, type DrillStep } from './step.ts'
import { wrongToken } from './wrong-token.ts'

/** What only a real deployment can show. */
export const notExercised: readonly string[] = [
  'a real deployment: no step of a pipeline was run, nothing was switched',
  'a real signature: nobody was asked to approve anything',
]

/**
 * Everything an assistant does on the way to production, as dry runs. Writes the audit lines of these
 * attempts, and opens the store as any call does; nothing else.
 */
export async function drill(options: DrillOptions): Promise<DrillStep[]> {
  const { call } = options
  // Made up anew each time, so that no list of tokens can hold it.
  const token = `drill-${randomBytes(24).toString('hex')}`
  // A store that cannot be opened fails the steps that need it, and not the whole drill.
  const before = await ledger(call).catch(() => null)
  const steps = [
    ['mcp_server', 'the MCP server starts and lists its tools', () => serverAnswers(options)],
    ['read_only_calls', 'calls that only read are answered', () => readOnlyCalls(call)],
    ['validate', 'validation, as a dry run', () => validateDryRun(call)],
    ['smoke', 'smoke tests, as a dry run', () => smokeDryRun(call)],
    ['deploy', 'a deployment to staging, as a dry run', () => deployDryRun(call)],
    ['wrong_token', 'a made-up token is refused', () => wrongToken(call, token)],
    [
      'audit_line',
      'the attempt is in the audit log, the token is not',
      () => auditLine(call, token),
    ],
    ['audit_chain', 'the audit log still verifies', () => auditVerifies(call)],
    ['unchanged', 'the dry runs changed nothing', () => changedSince(call, before)],
  ] as const
  const items: DrillStep[] = []
  // In this order: later steps judge what earlier ones left behind.
  for (const [id, title, work] of steps) items.push(await carriedOut(id, title, work))
  return items
}
