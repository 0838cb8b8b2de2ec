import { statSync } from 'node:fs'
import type { AuditProblem, AuditVerdict } from '../../core/audit.ts'
import { Failure } from '../../core/failure.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { withHead, type Head } from './head.ts'
import { firstLineOf } from './tail.ts'
import { walk, type Walk } from './walk.ts'

/**
 * Verifies the log, or a copy of it at `file`. The lock database's head shows an edited last line and
 * missing newest lines, as long as whoever did it left the database alone: it is no anchor.
 */
export async function verifyLog(
  deps: { path: string; runtime: Runtime },
  file?: string,
): Promise<AuditVerdict> {
  // Taken together, while nobody appends; lines that come later lie beyond this size.
  const now = await withHead(deps, (head) => ({ head, size: sizeOf(deps.path) ?? 0 }))
  const path = file ?? deps.path
  const size = file === undefined ? now.size : copySize(file)
  const sha256 = (text: string) => deps.runtime.sha256(text)
  const seen = await walk(path, size, now.head?.hash ?? null, sha256)
  const ending =
    file === undefined ? endProblem(seen, now.head) : copyProblem(seen, now.head, deps.path, file)
  const told = seen.problems.some(({ line }) => line === ending?.line)
  const problems = ending && !told ? [...seen.problems, ending] : seen.problems
  const { lines, head } = seen
  return { consistent: problems.length === 0, lines, head, problems, anchored: false }
}

function endProblem(seen: Walk, head: Head | null): AuditProblem | null {
  if (!head || seen.met) return null
  if (seen.lines >= head.seq) {
    return { line: head.seq, problem: 'changed: not the line that was last written' }
  }
  const problem = `the newest lines are missing: there were ${head.seq}, ${seen.lines} are left`
  return { line: seen.lines + 1, problem }
}

/**
 * A copy without the live log's newest line may be an old one or a cut one; nothing in it tells which,
 * so the answer says both. A file that begins with another line is another log and stands for itself.
 */
function copyProblem(
  seen: Walk,
  head: Head | null,
  live: string,
  copy: string,
): AuditProblem | null {
  if (!head || seen.met) return null
  if (seen.lines > 0 && firstLineOf(copy) !== firstLineOf(live)) return null
  const problem = `line ${head.seq}, the newest of ${live}, is not here: an older copy, or one that was cut or changed at its end`
  return { line: seen.lines + 1, problem }
}

function sizeOf(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isFile()) throw new Error('not a regular file')
  return stat?.size ?? null
}

function copySize(file: string): number {
  const size = sizeOf(file)
  if (size !== null) return size
  throw new Failure({
    code: 'invalid_input',
    message: `file: ${file} does not exist`,
    hint: 'name a copy of the audit log, or none to verify the log itself',
  })
}
