import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto'
import type { Crypto } from '../../core/crypto.ts'

// What comes before the 32 bytes of a key in its SPKI form (RFC 8410).
const spki = Buffer.from('302a300506032b6570032100', 'hex')

export const crypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  utf8: (text) => Buffer.from(text),
  verifies: (publicKey, message, signature) => verify(null, message, ed25519(publicKey), signature),
}

function ed25519(publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([spki, publicKey])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}
