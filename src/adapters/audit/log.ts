import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseAuditLine, type AuditEvent, type AuditLine } from '../../core/audit.ts'
import { openCheckpoint } from '../../core/checkpoint.ts'
import { Failure } from '../../core/failure.ts'
import { createLiveRedactor } from '../../core/redact.ts'
import type { AuditLog, SignedCheckpoint } from '../../ports/audit-log.ts'
import { anchor, type AnchorDeps } from './anchors.ts'
import { newestLines, writeBatch, type Answer, type Wish } from './batch.ts'
import { unavailable } from './errors.ts'
import { underLock } from './head.ts'
import { keysIn, publicFile } from './key.ts'
import { wholeNotesIn } from './notes.ts'
import { rememberOutcomes } from './outside.ts'
import { prove } from './prove.ts'
import { createQueue } from './queue.ts'
import { checkpointsPath, isDue, seal } from './seal.ts'
import { statusOf } from './status.ts'
import { createStreams, type Streams } from './streams.ts'
import { verifyLog } from './verify.ts'
import { linesOf, quietSnapshot } from './walk.ts'

export interface AuditLogDeps extends AnchorDeps {
  /** Every secret the process holds; asked anew for each line. */
  secrets: () => readonly string[]
  /** The name of the project: whose log it is. */
  project: string
  /** Variables that hold the secrets of streams. */
  env: Readonly<Record<string, string | undefined>>
}

/** The audit log in a file, with a lock database beside it that orders the lines of all processes. */
export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const { path } = deps
  const streams = createStreams(deps)
  const redact = createLiveRedactor(deps.secrets)
  const write = createQueue((more) => writeAll(deps, streams, more))
  const append = (event: AuditEvent, isIt?: Wish['isIt']) =>
    guarded(path, () => write({ event: redact(event), isIt }))
  const checkpoint = () => guarded(path, () => makeCheckpoint(deps, streams))
  return {
    path,
    append: (event) => append(event),
    appendOnce: append,
    tail: (limit) => guarded(path, async () => newestLines(path, limit)),
    lines: () => linesIn(deps),
    verify: (options = {}) => guarded(path, () => verifyLog(deps, options)),
    checkpoint,
    prove: (seqs) => guarded(path, () => proven(deps, seqs, checkpoint)),
    status: () => guarded(path, () => statusOf(deps)),
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw unavailable(path, error)
  }
}

/** A checkpoint that was signed, and what has to be done with it once the lock is free. */
interface Sealed {
  note: string
  size: number
}

/** The critical section: all lines that wait, and a checkpoint when one is due. */
async function underWriteLock(
  deps: AuditLogDeps,
  more: () => readonly Wish[],
  wanted: boolean,
): Promise<{ answers: Answer[]; texts: string[]; sealed: Sealed | null; problem: string | null }> {
  const { path, runtime, policy } = deps
  const rotateBytes = policy.rotate_mb === null ? null : policy.rotate_mb * 1024 * 1024
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return underLock(deps, (state) => {
    const { end, answers, texts } = writeBatch({ path, runtime, rotateBytes }, state, more())
    const before = state.sealed ?? { size: 0, at: runtime.now() }
    const { sealed, problem } =
      end.seq > 0 && (wanted || isDue(deps, before, end))
        ? trySeal(deps, end)
        : { sealed: null, problem: null }
    const after = sealed ? { size: sealed.size, at: runtime.now() } : before
    return { remember: { head: end, sealed: after }, value: { answers, texts, sealed, problem } }
  })
}

/** Lines that are durable stay so, whatever happens to the checkpoint over them. */
function trySeal(deps: AuditLogDeps, end: Parameters<typeof seal>[1]) {
  try {
    return { sealed: { note: seal(deps, end), size: end.seq }, problem: null }
  } catch (error) {
    return { sealed: null, problem: unavailable(deps.path, error).message }
  }
}

async function writeAll(
  deps: AuditLogDeps,
  streams: Streams,
  more: () => readonly Wish[],
): Promise<readonly Answer[]> {
  const { answers, texts, sealed, problem } = await underWriteLock(deps, more, false)
  streams.push(texts)
  if (sealed) void keepOutside(deps, sealed)
  if (problem !== null) void noteUnsigned(deps, problem)
  return answers
}

/** Nobody waits for it: an append is over once its line is durable. */
async function keepOutside(deps: AuditLogDeps, { note, size }: Sealed) {
  const outcomes = await anchor(deps, note, size)
  await rememberOutcomes(deps, outcomes)
  return outcomes
}

async function noteUnsigned(deps: AuditLogDeps, problem: string): Promise<void> {
  const place = checkpointsPath(deps.path)
  await rememberOutcomes(deps, [{ kind: 'anchor', place, size: null, problem }])
}

async function makeCheckpoint(
  deps: AuditLogDeps,
  streams: Streams,
): Promise<SignedCheckpoint | null> {
  if (!existsSync(deps.path)) return null
  const { sealed, texts, problem } = await underWriteLock(deps, () => [], true)
  streams.push(texts)
  if (problem !== null) throw new Error(problem)
  if (sealed === null) return null
  const outcomes = await keepOutside(deps, sealed)
  return {
    ...sealed,
    anchored_at: outcomes.filter((one) => one.problem === null).map(({ place }) => place),
    problems: outcomes.flatMap((one) =>
      one.problem === null ? [] : `${one.place}: ${one.problem}`,
    ),
  }
}

async function proven(
  deps: AuditLogDeps,
  seqs: readonly number[],
  checkpoint: () => Promise<SignedCheckpoint | null>,
) {
  const { path, runtime, policy } = deps
  const keys = () => keysIn(runtime.crypto, publicFile(policy.key_file))
  const covers = (note: string | undefined) => {
    const opened = note === undefined ? null : openCheckpoint(runtime.crypto, note, keys())
    return opened !== null && !('problem' in opened) && opened.size >= Math.max(...seqs)
  }
  const newest = wholeNotesIn(checkpointsPath(path)).at(-1)
  const note = covers(newest) ? newest : (await checkpoint())?.note
  if (note === undefined || !covers(note)) throw noSuchLine(Math.max(...seqs), path)
  return prove({ path, runtime, seqs, note, keys: keys() })
}

function noSuchLine(seq: number, path: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `seq: ${path} has no line ${seq}`,
    hint: 'see the lines with: gonogo audit',
  })
}

async function* linesIn(deps: AuditLogDeps): AsyncGenerator<AuditLine> {
  const snapshot = await quietSnapshot(deps)
  try {
    for await (const text of linesOf(snapshot)) {
      const line = parseAuditLine(text)
      if (line) yield line
    }
  } finally {
    snapshot.close()
  }
}
