import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FoundCheckpoint } from '../../core/audit-verifier.ts'
import type { AuditPolicy } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { PlatformAnchors } from '../../ports/pipeline.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { change } from './head.ts'
import { appendNote, notesIn, wholeNotesIn } from './notes.ts'
import type { Outcome } from './outside.ts'
import { checkpointsPath } from './seal.ts'

export interface AnchorDeps {
  path: string
  runtime: Runtime
  policy: AuditPolicy
  /** Where the platform keeps checkpoints, if it does. */
  platform?: PlatformAnchors | undefined
  /** One line on standard error. */
  tell: (line: string) => void
}

const platformName = 'platform'
const patienceMs = 10_000
/** All of them may be many pages. */
const listPatienceMs = 60_000

/** Keeps a checkpoint outside the log. Never fails: what did not work is part of the answer. */
export async function anchor(deps: AnchorDeps, note: string, size: number): Promise<Outcome[]> {
  const { policy, platform, tell } = deps
  const { file, stderr } = policy.anchors
  const outcomes: Outcome[] = []
  const put = async (place: string, work: () => Promise<string[]> | string[]) => {
    try {
      for (const at of await work())
        outcomes.push({ kind: 'anchor', place: at, size, problem: null })
    } catch (error) {
      outcomes.push({ kind: 'anchor', place, size, problem: reasonOf(error) })
    }
  }
  if (file !== null) await put(file, () => appended(deps, file, note))
  if (stderr) await put('standard error', () => told(tell, note))
  if (platform) await put(platformName, () => within(placesOf(platform, note), patienceMs))
  return outcomes
}

async function appended(deps: AnchorDeps, file: string, note: string): Promise<string[]> {
  await change(deps, () => appendNote(file, note, 0o644))
  return [file]
}

function told(tell: AnchorDeps['tell'], note: string): string[] {
  tell(`audit checkpoint:\n${note.trimEnd()}`)
  return ['standard error']
}

async function placesOf(platform: PlatformAnchors, note: string): Promise<string[]> {
  return (await platform.put(note)).map(({ place }) => place)
}

/** A platform that does not answer is no reason to wait for ever. */
async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const over = new AbortController()
  const late = delay(ms, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${ms / 1000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
    late.catch(() => undefined)
  }
}

/** Everything that says what the log once was, and the places that could not be asked. */
export async function foundCheckpoints(
  deps: AnchorDeps,
): Promise<{ found: FoundCheckpoint[]; unread: string[] }> {
  const { path, policy, platform } = deps
  const { file } = policy.anchors
  const found = notesAt(wholeNotesIn(checkpointsPath(path)), checkpointsPath(path), false)
  const unread: string[] = []
  if (file !== null) {
    // What lies beside the log is in the same hands as the log.
    const kept = fromAnchorFile(file, dirname(file) !== dirname(path), found.length > 0)
    if (typeof kept === 'string') unread.push(`${file}: ${kept}`)
    else found.push(...kept)
  }
  if (!platform) return { found, unread }
  try {
    const listed = await within(platform.list(), listPatienceMs)
    unread.push(...listed.unread.map((problem) => `${platformName}: ${oneLine(problem, 200)}`))
    const anchors = listed.found.map(({ place, checkpoint: note }) => ({
      place,
      anchor: true,
      shared: true,
      note,
    }))
    return { found: [...found, ...anchors], unread }
  } catch (error) {
    return { found, unread: [...unread, `${platformName}: ${reasonOf(error)}`] }
  }
}

/** Why there are none is for whoever reads the verdict. Before the first checkpoint there is no file. */
function fromAnchorFile(
  file: string,
  isAnchor: boolean,
  expected: boolean,
): FoundCheckpoint[] | string {
  try {
    if (expected && !existsSync(file)) return 'there is no such file'
    return notesAt(wholeNotesIn(file), file, isAnchor)
  } catch (error) {
    return reasonOf(error)
  }
}

/** The notes of a file that a person kept, each under the file's name. */
export function fromFile(file: string): FoundCheckpoint[] {
  return notesAt(notesIn(file), file, true)
}

function notesAt(notes: readonly string[], place: string, anchored: boolean): FoundCheckpoint[] {
  return notes.map((note) => ({ place, anchor: anchored, shared: false, note }))
}

export function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 200)
}
