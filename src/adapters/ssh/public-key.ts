import { createHash } from 'node:crypto'
import { wireReader } from './wire.ts'

/** Matches the name of a key's type as OpenSSH writes it. */
export const keyTypePattern = String.raw`(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+`

const publicKeyLine = new RegExp(String.raw`^(${keyTypePattern})\s+([A-Za-z0-9+/=]+)(?:\s|$)`)

/** `ssh-ed25519 AAAA...` of a public key's line, without its comment; null if it is none. */
export function parsePublicKey(line: string): string | null {
  const [, type, data] = publicKeyLine.exec(line.trim()) ?? []
  if (type === undefined || data === undefined) return null
  try {
    const key = publicKeyText(Buffer.from(data, 'base64'))
    // ssh-keygen refuses a line whose two statements of the type differ, so it must not count here.
    return key.startsWith(`${type} `) ? key : null
  } catch {
    return null
  }
}

/** The same from the key's bytes; throws a RangeError if they are no key. */
export function publicKeyText(blob: Buffer): string {
  return `${wireReader(blob).string().toString('latin1')} ${blob.toString('base64')}`
}

/** `SHA256:...` as `ssh-keygen -l` prints it. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** True for keys that live in a security key. */
export function isHardware(publicKey: string): boolean {
  return publicKey.startsWith('sk-')
}
