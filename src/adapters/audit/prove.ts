import type { AuditProof } from '../../core/audit-proof.ts'
import { parseAuditLine } from '../../core/audit.ts'
import { sameBytes, toBase64 } from '../../core/base64.ts'
import { openCheckpoint, type Checkpoint } from '../../core/checkpoint.ts'
import { Failure } from '../../core/failure.ts'
import { hashedTree, inclusionProof, leafHash, rootAt } from '../../core/merkle.ts'
import { noteKeyText, type NoteKey } from '../../core/signed-note.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { quietSnapshot, walk } from './walk.ts'

interface Ask {
  path: string
  runtime: Runtime
  seqs: readonly number[]
  /** A signed checkpoint that covers them. */
  note: string
  keys: readonly NoteKey[]
}

/** Reads the whole log once; keeps 64 bytes of each line. */
export async function prove(ask: Ask): Promise<AuditProof> {
  const { runtime, seqs, note, keys } = ask
  const checkpoint = openCheckpoint(runtime.crypto, note, keys)
  const key = keys.find(({ name }) => !('problem' in checkpoint) && name === checkpoint.origin)
  if ('problem' in checkpoint || !key) throw changed('its newest checkpoint is not its own')
  const { leaves, texts } = await leavesOf(ask, checkpoint)
  const tree = hashedTree(runtime.crypto.sha256, leaves)
  if (!sameBytes(rootAt(tree, checkpoint.size), checkpoint.root))
    throw changed(`lines up to ${checkpoint.size} are not what its checkpoint covers`)
  const lines = [...new Set(seqs)].map((seq) => ({
    seq,
    text: textOf(texts, seq),
    path: inclusionProof(tree, seq - 1, checkpoint.size).map(toBase64),
  }))
  const signer = signerOf(runtime, note, keys)
  return {
    format: 'gonogo-audit-proof-v1',
    checkpoint: note,
    public_key: noteKeyText(signer ?? key),
    lines,
  }
}

/** Of several keys of one name, the one that really signed. */
function signerOf({ crypto }: Runtime, note: string, keys: readonly NoteKey[]) {
  return keys.find((key) => !('problem' in openCheckpoint(crypto, note, [key])))
}

async function leavesOf({ path, runtime, seqs }: Ask, { size }: Checkpoint) {
  const { sha256 } = runtime.crypto
  const wanted = new Set(seqs)
  const texts = new Map<number, string>()
  const leaves = Buffer.alloc(size * 32)
  const snapshot = await quietSnapshot({ path, runtime })
  let number = 0
  try {
    await walk(snapshot, (line) => {
      number += 1
      if (number > size) return
      leaves.set(leafHash(sha256, line), (number - 1) * 32)
      if (wanted.has(number)) texts.set(number, line.toString())
    })
  } finally {
    snapshot.close()
  }
  if (number < size) throw changed(`its newest lines are missing: ${number} of ${size} are left`)
  return { leaves, texts }
}

function textOf(texts: ReadonlyMap<number, string>, seq: number): string {
  const text = texts.get(seq)
  if (text !== undefined && parseAuditLine(text)?.seq === seq) return text
  throw changed(`line ${seq} is not where it belongs`)
}

function changed(what: string): Failure {
  return new Failure({
    code: 'audit_unavailable',
    message: `nothing can be proven from the audit log: ${what}`,
    hint: 'see what was changed with: gonogo audit verify',
  })
}
