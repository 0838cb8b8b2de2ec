import { isHardware, publicKeyText } from './public-key.ts'
import { wireReader } from './wire.ts'

/** What an SSH signature says of itself. Claims, until ssh-keygen has verified it. */
export interface SshSignature {
  /** `ssh-ed25519 AAAA...` */
  public_key: string
  namespace: string
  /** True when a security key states that somebody touched it. */
  user_present: boolean
  /** The one signature that was read, armored again, so that nothing else is verified in its place. */
  armored: string
}

const begin = '-----BEGIN SSH SIGNATURE-----'
const end = '-----END SSH SIGNATURE-----'
const userPresence = 0x01

// An RSA key of 16384 bits needs about 6000 characters.
const longestSignature = 16 * 1024

/** Reads the armored form (PROTOCOL.sshsig of OpenSSH); null for anything else. */
export function parseSignature(text: string): SshSignature | null {
  if (text.length > longestSignature) return null
  const body = text.trim()
  if (!body.startsWith(begin) || !body.endsWith(end)) return null
  const data = body.slice(begin.length, -end.length).replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return null
  try {
    return readBlob(Buffer.from(data, 'base64'))
  } catch {
    return null
  }
}

function readBlob(blob: Buffer): SshSignature | null {
  const reader = wireReader(blob)
  if (reader.take(6).toString('latin1') !== 'SSHSIG' || reader.uint32() !== 1) return null
  const public_key = publicKeyText(reader.string())
  const namespace = reader.string().toString()
  reader.string() // reserved
  reader.string() // hash algorithm
  const signature = reader.string()
  const user_present = isHardware(public_key) && (flagsOf(signature) & userPresence) !== 0
  return { public_key, namespace, user_present, armored: armor(blob) }
}

/** Security keys sign a byte of flags too, which follows the signature proper (PROTOCOL.u2f). */
function flagsOf(signature: Buffer): number {
  const reader = wireReader(signature)
  reader.string() // algorithm
  reader.string() // signature
  return reader.byte()
}

function armor(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return [begin, ...lines, end, ''].join('\n')
}
