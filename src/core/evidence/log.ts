import { fromBase64, sameBytes } from '../base64.ts'
import { openCheckpoint, originOf, parseCheckpoint, type Checkpoint } from '../checkpoint.ts'
import type { Crypto } from '../crypto.ts'
import type { EvidenceBundle } from './bundle.ts'
import { contradicted, type EvidenceFinding } from './finding.ts'
import { leafHash, verifyInclusion } from '../merkle.ts'
import { noteKeyText, openNote, parseNoteKey, parseNoteKeys, type NoteKey } from '../signed-note.ts'

/** What whoever verifies brought along; null where they brought nothing. */
export interface OutsideTrust {
  /** Text of a file with public keys of the log. */
  publicKey: string | null
  /** Signed checkpoints that were kept outside the log. */
  checkpoints: readonly string[] | null
}

/** Whether a signed checkpoint covers the lines, and who says so. */
export function logFindings(
  { project, log }: EvidenceBundle,
  given: OutsideTrust & { crypto: Crypto },
): EvidenceFinding[] {
  const { crypto } = given
  const key = parseNoteKey(crypto, log.public_key)
  if (key === null) return [contradicted('log', 'public_key is no key')]
  const checkpoint = openCheckpoint(crypto, log.checkpoint, [key])
  if ('problem' in checkpoint)
    return [contradicted('log', `the checkpoint was not signed by ${keyName(key)}`)]
  // Another signature would be a part of the bundle that nothing vouches for.
  if (signaturesOf(log.checkpoint) > 1)
    return [contradicted('log', 'the checkpoint holds more than the signature of the log')]
  if (checkpoint.origin !== originOf(project))
    return [contradicted('log', `the checkpoint is of the log ${checkpoint.origin}`)]
  return [
    ...inclusionFindings(log, checkpoint, crypto),
    ...keyFindings(key, given),
    ...outsideFindings(checkpoint, given),
    ...ownWordFindings(given),
  ]
}

function signaturesOf(note: string): number {
  return note.slice(note.lastIndexOf('\n\n') + 2, -1).split('\n').length
}

function inclusionFindings(
  { lines }: EvidenceBundle['log'],
  checkpoint: Checkpoint,
  crypto: Crypto,
): EvidenceFinding[] {
  const hash = (bytes: Uint8Array) => crypto.sha256(bytes)
  const out = lines.filter(({ seq, text, path }) => {
    const decoded = path.map(fromBase64)
    if (decoded.includes(null)) return true
    const leaf = leafHash(hash, crypto.utf8(text))
    const { size, root } = checkpoint
    const proof = { index: seq - 1, size, leaf, path: decoded as Uint8Array[], root }
    return !verifyInclusion(hash, proof)
  })
  if (out.length > 0)
    return out.map(({ seq }) =>
      contradicted('log', `line ${seq} is not in the log that was signed`),
    )
  const text = `${lines.length} lines are in the log of ${checkpoint.size} lines that was signed`
  return [{ state: 'proven', what: 'log', text }]
}

function keyFindings(key: NoteKey, { crypto, publicKey }: OutsideTrust & { crypto: Crypto }) {
  if (publicKey === null) return []
  const given = parseNoteKeys(crypto, publicKey)
  const known = given.some((one) => noteKeyText(one) === noteKeyText(key))
  const finding: EvidenceFinding = known
    ? { state: 'proven', what: 'log', text: `signed by the key that was given, ${keyName(key)}` }
    : contradicted('log', `signed by ${keyName(key)}, which is not a key that was given`)
  return [finding]
}

/** A checkpoint from outside proves the root of its own size; of others nothing can be said here. */
function outsideFindings(
  { origin, size, root }: Checkpoint,
  { crypto, checkpoints }: OutsideTrust & { crypto: Crypto },
): EvidenceFinding[] {
  if (checkpoints === null) return []
  const given = checkpoints.flatMap((note) => readUnsigned(crypto, note) ?? [])
  const same = given.filter((one) => one.origin === origin && one.size === size)
  const other = same.find((one) => !sameBytes(one.root, root))
  if (other)
    return [
      contradicted(
        'log',
        `a given checkpoint of ${size} lines has another root: the log was changed`,
      ),
    ]
  if (same.length > 0)
    return [
      {
        state: 'proven',
        what: 'log',
        text: `a given checkpoint of ${size} lines has the same root`,
      },
    ]
  const text = `no given checkpoint is of ${size} lines, so that none could be compared`
  return [{ state: 'claimed', what: 'log', text }]
}

/** Whoever brings a checkpoint trusts the place where it was kept, whatever key signed it. */
function readUnsigned(crypto: Crypto, note: string): Checkpoint | null {
  const end = note.lastIndexOf('\n\n')
  const opened = openNote(crypto, note, [])
  if (end < 0 || ('problem' in opened && opened.problem === 'malformed')) return null
  return parseCheckpoint(note.slice(0, end + 1))
}

function ownWordFindings({ publicKey, checkpoints }: OutsideTrust): EvidenceFinding[] {
  if (publicKey !== null || checkpoints !== null) return []
  const text = 'only the bundle says that the key of its checkpoint is the one of the log'
  return [{ state: 'claimed', what: 'log', text }]
}

function keyName({ name, id }: NoteKey): string {
  return `${name}+${id}`
}
