import { fromBase64, toBase64 } from './base64.ts'
import type { Crypto } from './crypto.ts'

/** Text with signatures below it, as C2SP signed-note has it. Only Ed25519 is read and written. */

/** A public key and the name it signs with. */
export interface NoteKey {
  name: string
  /** Eight hex digits, from the name and the key. */
  id: string
  /** 32 bytes. */
  publicKey: Uint8Array
}

const ed25519 = 1
const dash = '\u2014'
const mostSignatures = 100
const nameForm = /^[^\s+]+$/u
// Notes are plain text; anything else could look other than what was signed.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000b-\u001f\u007f]/

export function noteKey(crypto: Crypto, name: string, publicKey: Uint8Array): NoteKey {
  return { name, id: keyId(crypto, name, publicKey), publicKey }
}

/** As keys are written down: `name+id+key`. */
export function noteKeyText({ name, id, publicKey }: NoteKey): string {
  return `${name}+${id}+${toBase64(Uint8Array.of(ed25519, ...publicKey))}`
}

/** Null for what is no key, another kind of key, or a key whose id is not its own. */
export function parseNoteKey(crypto: Crypto, text: string): NoteKey | null {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || bytes?.length !== 33 || bytes[0] !== ed25519) return null
  const key = noteKey(crypto, name, bytes.slice(1))
  return key.id === id ? key : null
}

/** The keys of a file that has one on each line; other lines are none. */
export function parseNoteKeys(crypto: Crypto, text: string): NoteKey[] {
  return text.split('\n').flatMap((line) => parseNoteKey(crypto, line.trim()) ?? [])
}

function keyId(crypto: Crypto, name: string, publicKey: Uint8Array): string {
  const bytes = crypto.sha256(Uint8Array.of(...crypto.utf8(name), 0x0a, ed25519, ...publicKey))
  return hex(bytes.subarray(0, 4))
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Signs a text, which ends with a newline. */
export function signNote(
  crypto: Crypto,
  text: string,
  key: NoteKey,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  if (!text.endsWith('\n') || controls.test(text) || !nameForm.test(key.name)) {
    throw new Error('a note is plain lines, signed under a name without spaces and "+"')
  }
  const id = key.id.match(/../g)!.map((byte) => Number.parseInt(byte, 16))
  const signature = Uint8Array.of(...id, ...sign(crypto.utf8(text)))
  return `${text}\n${dash} ${key.name} ${toBase64(signature)}\n`
}

export interface OpenedNote {
  text: string
  /** The given keys that signed it; never empty. */
  signedBy: NoteKey[]
}

export type NoteProblem = 'malformed' | 'bad_signature' | 'unknown_key'

/** The text, if a given key signed it. Signatures by other keys say nothing and do no harm. */
export function openNote(
  crypto: Crypto,
  note: string,
  keys: readonly NoteKey[],
): OpenedNote | { problem: NoteProblem; signers: string[] } {
  const parsed = parseNote(note)
  if (parsed === null) return { problem: 'malformed', signers: [] }
  const { text, signatures } = parsed
  const message = crypto.utf8(text)
  const signedBy: NoteKey[] = []
  for (const { name, id, signature } of signatures) {
    const key = keys.find((one) => one.name === name && one.id === id)
    if (!key) continue
    if (signature.length !== 64 || !crypto.verifies(key.publicKey, message, signature)) {
      return { problem: 'bad_signature', signers: [`${name}+${id}`] }
    }
    signedBy.push(key)
  }
  if (signedBy.length > 0) return { text, signedBy }
  return { problem: 'unknown_key', signers: signatures.map(({ name, id }) => `${name}+${id}`) }
}

function parseNote(note: string) {
  // The text itself may have empty lines: the last one divides.
  const at = note.lastIndexOf('\n\n')
  if (at < 0 || !note.endsWith('\n') || controls.test(note)) return null
  const lines = note.slice(at + 2, -1).split('\n')
  const signatures = lines.flatMap((line) => parseSignature(line) ?? [])
  if (signatures.length !== lines.length || lines.length > mostSignatures) return null
  return { text: note.slice(0, at + 1), signatures }
}

function parseSignature(line: string) {
  const [, name, encoded] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || bytes === null || bytes.length < 5) return null
  return { name, id: hex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

/** The notes of a file that has one after another. */
export function splitNotes(text: string): string[] {
  const notes: string[] = []
  let note = ''
  let signed = false
  for (const line of text.split('\n')) {
    const signature = line.startsWith(`${dash} `)
    if (signed && !signature) {
      notes.push(note)
      note = ''
      signed = false
    }
    if (note === '' && line.trim() === '') continue
    note += `${line}\n`
    signed ||= signature
  }
  return note === '' ? notes : [...notes, note]
}
