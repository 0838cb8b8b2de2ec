import { existsSync, statSync } from 'node:fs'
import type { AuditProblem, AuditVerdict } from '../../core/audit.ts'
import {
  logVerifier,
  openCheckpoints,
  type FoundCheckpoint,
  type OpenedCheckpoints,
} from '../../core/audit-verifier.ts'
import { Failure } from '../../core/failure.ts'
import type { NoteKey } from '../../core/signed-note.ts'
import type { VerifyOptions } from '../../ports/audit-log.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { foundCheckpoints, fromFile, type AnchorDeps } from './anchors.ts'
import { withState, type Head } from './head.ts'
import { keysIn, publicFile } from './key.ts'
import { segmentsOf } from './segments.ts'
import { firstLineOf } from './tail.ts'
import { isText, snapshotOf, walk, type Snapshot } from './walk.ts'

/**
 * Verifies the log, or a copy of it, against its own chain, its checkpoints and every anchor that can be
 * read. The lock database's head shows an edited last line and missing newest lines, as long as whoever
 * did it left the database alone: it is no anchor.
 */
export async function verifyLog(deps: AnchorDeps, options: VerifyOptions): Promise<AuditVerdict> {
  const { file } = options
  const keys = keysFor(deps, options)
  const given = (options.checkpoints ?? []).flatMap(checkpointsGiven)
  // What was kept may cover more than a log that was cut: read it before the log, which only grows.
  const own = file !== undefined && isAnother(deps.path, file) ? null : await foundCheckpoints(deps)
  const opened = openCheckpoints(deps.runtime.crypto, [...(own?.found ?? []), ...given], keys)
  // Taken together, while nobody appends; lines that come later lie beyond this size.
  const { head, snapshot } = await withState(deps, (state) => ({
    head: own && state.head,
    snapshot: snapshotOf(present(file) ?? deps.path),
  }))
  try {
    const seen = await look(deps.runtime, { snapshot, opened, wanted: head?.hash ?? null })
    const problem = head && !seen.met ? endProblem(seen.verdict, head, deps.path, file) : null
    return finish(seen, problem, own?.unread ?? [], options.publicKey !== undefined)
  } finally {
    snapshot.close()
  }
}

/** What is no log at all would otherwise fill the memory. */
const mostProblems = 100

interface Seen {
  verdict: Omit<AuditVerdict, 'unread'>
  /** Problems of bytes rather than of lines. */
  problems: AuditProblem[]
  /** Whether some line's hash is the one that was looked for. */
  met: boolean
}

async function look(
  runtime: Runtime,
  {
    snapshot,
    opened,
    wanted,
  }: { snapshot: Snapshot; opened: OpenedCheckpoints; wanted: string | null },
): Promise<Seen> {
  const verifier = logVerifier(
    { crypto: runtime.crypto, sha256: (text) => runtime.sha256(text) },
    opened,
  )
  const problems: AuditProblem[] = []
  let lines = 0
  let met = false
  const unfinished = await walk(snapshot, (bytes) => {
    lines += 1
    // Invalid bytes all decode to one character, so the hash of the text would not tell them apart.
    if (!isText(bytes) && problems.length < mostProblems)
      problems.push({ line: lines, problem: 'not UTF-8: this line was changed' })
    if (verifier.push(bytes, bytes.toString()) === wanted) met = true
  })
  for (const { line, bytes } of unfinished)
    problems.push({ line, problem: `unfinished: ${bytes} bytes, no newline` })
  return { verdict: verifier.end(), problems, met }
}

function finish(
  seen: Seen,
  ending: AuditProblem | null,
  unread: string[],
  pinned: boolean,
): AuditVerdict {
  const known = [...seen.problems, ...(ending ? [ending] : [])].filter(
    ({ line, problem }) =>
      problem !== ending?.problem || !seen.verdict.problems.some((other) => other.line === line),
  )
  const problems = [...seen.verdict.problems, ...known]
  // Without a key that was kept elsewhere, those of another key may be this log's own true ones.
  const anchored = seen.verdict.anchored && (pinned || seen.verdict.unknown_keys.length === 0)
  return { ...seen.verdict, consistent: problems.length === 0, problems, anchored, unread }
}

/**
 * A copy without the live log's newest line may be an old one or a cut one; nothing in it tells which,
 * so the answer says both.
 */
function endProblem(
  { lines }: Pick<AuditVerdict, 'lines'>,
  head: Head,
  live: string,
  copy: string | undefined,
): AuditProblem {
  if (copy !== undefined) {
    const problem = `line ${head.seq}, the newest of ${live}, is not here: an older copy, or one that was cut or changed at its end`
    return { line: lines + 1, problem }
  }
  if (lines >= head.seq)
    return { line: head.seq, problem: 'changed: not the line that was last written' }
  const problem = `the newest lines are missing: there were ${head.seq}, ${lines} are left`
  return { line: lines + 1, problem }
}

/** A file that begins with another line is another log and stands for itself. */
function isAnother(live: string, copy: string): boolean {
  const [own, first] = [beginningOf(live), beginningOf(copy)]
  return first !== null && own !== first
}

function beginningOf(path: string): string | null {
  return firstLineOf(segmentsOf(path)[0]?.path ?? path)
}

function keysFor({ runtime, policy }: AnchorDeps, { publicKey }: VerifyOptions): NoteKey[] {
  if (publicKey === undefined) return keysIn(runtime.crypto, publicFile(policy.key_file))
  const keys = keysIn(runtime.crypto, publicKey)
  if (keys.length > 0) return keys
  throw new Failure({
    code: 'invalid_input',
    message: `public-key: ${publicKey} holds no key of the form name+id+base64`,
    hint: `name a copy of ${publicFile(policy.key_file)}`,
  })
}

function checkpointsGiven(file: string): FoundCheckpoint[] {
  const found = isReadable(file) ? fromFile(file) : []
  if (found.length > 0) return found
  throw new Failure({
    code: 'invalid_input',
    message: `checkpoint: ${file} holds no checkpoint`,
    hint: 'name a file with the text that gonogo audit checkpoint prints',
  })
}

function isReadable(file: string): boolean {
  return existsSync(file) && statSync(file).isFile()
}

function present(file: string | undefined): string | undefined {
  if (file === undefined || isReadable(file)) return file
  throw new Failure({
    code: 'invalid_input',
    message: `file: ${file} does not exist`,
    hint: 'name a copy of the audit log, or none to verify the log itself',
  })
}
