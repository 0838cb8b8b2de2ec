import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { approvalNamespace } from '../../../src/core/approval.ts'

const type = 'sk-ssh-ed25519@openssh.com'
const application = 'ssh:'

const sha = (algorithm: string, data: Buffer | string) =>
  createHash(algorithm).update(data).digest()

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function wireString(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

export function armored(kind: string, blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`, ''].join('\n')
}

export function sshsig(
  publicKey: Buffer,
  signature: Buffer,
  namespace = approvalNamespace,
): Buffer {
  const fields = [
    publicKey,
    Buffer.from(namespace),
    Buffer.alloc(0),
    Buffer.from('sha512'),
    signature,
  ]
  return Buffer.concat([Buffer.from('SSHSIG'), uint32(1), ...fields.map(wireString)])
}

/** A security key in software: what it signs is what a real one would (PROTOCOL.u2f of OpenSSH). */
export function createSecurityKey() {
  const pair = generateKeyPairSync('ed25519')
  const point = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const publicKey = Buffer.concat([type, point, application].map(wireString))
  return {
    publicKey: `${type} ${publicKey.toString('base64')}`,
    privateFile: armored('OPENSSH PRIVATE KEY', privateBlob(publicKey, point)),
    sign(message: string, { touched }: { touched: boolean }): string {
      const hash = sha('sha512', message)
      const fields = [approvalNamespace, '', 'sha512', hash].map(wireString)
      const signed = Buffer.concat([Buffer.from('SSHSIG'), ...fields])
      const flags = Buffer.concat([Buffer.from([touched ? 1 : 0]), uint32(7)])
      const data = Buffer.concat([sha('sha256', application), flags, sha('sha256', signed)])
      const proof = wireString(sign(null, data, pair.privateKey))
      const signature = Buffer.concat([wireString(type), proof, flags])
      return armored('SSH SIGNATURE', sshsig(publicKey, signature))
    },
  }
}

function privateBlob(publicKey: Buffer, point: Buffer): Buffer {
  const check = uint32(0x01020304)
  const head = [type, point, application].map(wireString)
  const tail = ['handle', '', 'comment'].map(wireString)
  const secret = Buffer.concat([check, check, ...head, Buffer.from([1]), ...tail])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secret.length % 8)) % 8)
  const clear = ['none', 'none', ''].map(wireString)
  const keys = [uint32(1), wireString(publicKey), wireString(Buffer.concat([secret, padding]))]
  return Buffer.concat([Buffer.from('openssh-key-v1\0'), ...clear, ...keys])
}
