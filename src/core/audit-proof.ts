import { fromBase64 } from './base64.ts'
import { openCheckpoint, type Checkpoint } from './checkpoint.ts'
import type { Crypto } from './crypto.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import type { NoteKey } from './signed-note.ts'

/** Lines of the log and what proves that a signed checkpoint covers them (RFC 6962). */
export interface AuditProof {
  format: 'gonogo-audit-proof-v1'
  /** The checkpoint: a signed note (C2SP tlog-checkpoint). */
  checkpoint: string
  /** The key that signed it, as signed notes write it (`name+id+key`). */
  public_key: string
  lines: ProvenLine[]
}

export interface ProvenLine {
  seq: number
  /** The exact bytes of the line, without its newline. */
  text: string
  /** Hashes from the leaf's sibling up, base64. */
  path: string[]
}

/** The checkpoint the lines are in, if one of the keys signed it and each line is where it says. */
export function verifyAuditProof(
  crypto: Crypto,
  proof: Pick<AuditProof, 'checkpoint' | 'lines'>,
  keys: readonly NoteKey[],
): { checkpoint: Checkpoint | null; problems: string[] } {
  const opened = openCheckpoint(crypto, proof.checkpoint, keys)
  if ('problem' in opened) {
    const problem = `checkpoint: ${opened.problem.replaceAll('_', ' ')}`
    return { checkpoint: null, problems: [problem] }
  }
  const problems = proof.lines
    .filter((line) => !isIn(crypto, line, opened))
    .map(({ seq }) => `line ${seq} is not in the log of the checkpoint`)
  return { checkpoint: opened, problems }
}

function isIn(
  { sha256, utf8 }: Crypto,
  { seq, text, path }: ProvenLine,
  { size, root }: Checkpoint,
): boolean {
  const hashes = path.map((hash) => fromBase64(hash) ?? new Uint8Array())
  const leaf = leafHash(sha256, utf8(text))
  return verifyInclusion(sha256, { index: seq - 1, size, leaf, path: hashes, root })
}
