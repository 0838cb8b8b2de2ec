import { fromBase64, toBase64 } from './base64.ts'
import type { Crypto } from './crypto.ts'
import { openNote, type NoteKey, type NoteProblem } from './signed-note.ts'

/** What a log was at a size, as C2SP tlog-checkpoint has it. */
export interface Checkpoint {
  /** Which log: `gonogo/<project>`. */
  origin: string
  /** How many lines. */
  size: number
  /** Root of the tree over them. */
  root: Uint8Array
}

/** The origin of a project's log; also the name its key signs with. */
export function originOf(project: string): string {
  return `gonogo/${project}`
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Null for what is none. Lines after the third belong to whoever wrote them. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', encoded = '', ...rest] = text.split('\n')
  const root = fromBase64(encoded)
  const lines = /^(?:0|[1-9]\d*)$/.test(size) ? Number(size) : Number.NaN
  if (origin === '' || !Number.isSafeInteger(lines) || root?.length !== 32) return null
  return rest.at(-1) === '' ? { origin, size: lines, root } : null
}

/** A checkpoint that one of the keys signed, or why it is none. */
export function openCheckpoint(
  crypto: Crypto,
  note: string,
  keys: readonly NoteKey[],
): Checkpoint | { problem: NoteProblem; signers: string[] } {
  const opened = openNote(crypto, note, keys)
  if ('problem' in opened) return opened
  const checkpoint = parseCheckpoint(opened.text)
  // A key signs for the log it is named after.
  const own = opened.signedBy.some(({ name }) => name === checkpoint?.origin)
  if (checkpoint === null || !own) return { problem: 'malformed', signers: [] }
  return checkpoint
}
