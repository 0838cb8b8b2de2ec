import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Crypto } from '../../core/crypto.ts'
import { newline, readAt, reading } from './read.ts'
import { noteKey, noteKeyText, parseNoteKeys, type NoteKey } from '../../core/signed-note.ts'

/** The key that signs checkpoints. */
export interface SigningKey {
  key: NoteKey
  sign: (message: Uint8Array) => Uint8Array
}

/** The file beside the key that has its public half. */
export function publicFile(keyFile: string): string {
  return `${keyFile}.pub`
}

/** Reads the key, making it on first use, and writes its public half beside it. */
export function signingKey(crypto: Crypto, keyFile: string, origin: string): SigningKey {
  if (!existsSync(keyFile)) makeKey(keyFile)
  const secret = createPrivateKey(readFileSync(keyFile))
  if (secret.asymmetricKeyType !== 'ed25519') throw new Error(`${keyFile} is no Ed25519 key`)
  const key = noteKey(crypto, origin, publicBytes(secret))
  publish(crypto, publicFile(keyFile), key)
  return { key, sign: (message) => sign(null, message, secret) }
}

/** The keys a file names; none if there is no such file. */
export function keysIn(crypto: Crypto, path: string): NoteKey[] {
  return existsSync(path) ? parseNoteKeys(crypto, readFileSync(path, 'utf8')) : []
}

/** Whole or not at all: another process may look for it at the same time. */
function makeKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  const draft = `${path}.new-${process.pid}`
  const fd = openSync(draft, 'w', 0o600)
  try {
    writeSync(fd, String(pem))
    fsyncSync(fd)
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(fd)
    rmSync(draft, { force: true })
  }
}

/** Added, so that what an earlier key signed can still be verified. */
function publish(crypto: Crypto, path: string, key: NoteKey): void {
  if (keysIn(crypto, path).some(({ id, name }) => id === key.id && name === key.name)) return
  // A line that was cut short is no key, and must not swallow this one.
  const begin = reading(
    path,
    true,
    (fd, size) => size === 0 || readAt(fd, size - 1, 1)[0] === newline,
  )
  appendFileSync(path, `${begin ? '' : '\n'}${noteKeyText(key)}\n`, { mode: 0o644 })
}

function publicBytes(secret: KeyObject): Uint8Array {
  // The last 32 bytes of the SPKI form are the key (RFC 8410).
  return createPublicKey(secret).export({ type: 'spki', format: 'der' }).subarray(-32)
}
