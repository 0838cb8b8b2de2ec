import type { ReportedLog } from '../../core/report/report.ts'
import type { Deployment } from '../../core/deployment.ts'
import { createLogReader, type LogFacts } from '../../core/report/log.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { timestamp } from '../../tools/support/time.ts'
import type { ReportWindow } from './window.ts'

const shownProblems = 20

/** Verifies the log, then reads what was verified and nothing after it. */
export async function readLog(
  { audit, signal }: Call,
  { from, until }: ReportWindow,
  rows: readonly Deployment[],
): Promise<{ log: ReportedLog; facts: LogFacts }> {
  const verdict = await audit.verify()
  const { lines, head, anchored, sealed_lines, checkpoints, unread, unknown_keys } = verdict
  const ids = rows.flatMap(({ id, approval_id }) => [id, ...(approval_id ? [approval_id] : [])])
  const window = { from: timestamp(from), to: timestamp(until), wanted: new Set(ids) }
  const reader = createLogReader(window)
  let left = lines
  for await (const line of audit.lines()) {
    if (left-- <= 0) break
    signal.throwIfAborted()
    reader.push(line)
  }
  const problems = [
    ...verdict.problems.map(({ line, problem }) => `line ${line}: ${problem}`),
    ...checkpoints.flatMap(({ place, problem }) => (problem ? [`${place}: ${problem}`] : [])),
  ]
  const log: ReportedLog = {
    path: audit.path,
    verified: verdict.consistent && problems.length === 0,
    lines,
    head,
    anchored,
    sealed_lines,
    unread: unread.map((place) => oneLine(place, 300)),
    unknown_keys: unknown_keys.slice(0, shownProblems).map((key) => oneLine(key, 100)),
    problems: problems.slice(0, shownProblems).map((problem) => oneLine(problem, 300)),
  }
  return { log, facts: reader.facts() }
}
