import { describe, expect, it } from 'vitest'
import { parseSignature } from '../../../src/adapters/ssh/sshsig.ts'
import { armored, createSecurityKey, sshsig, uint32, wireString } from './security-key.ts'

const point = Buffer.alloc(32, 7)
const plainKey = Buffer.concat([wireString('ssh-ed25519'), wireString(point)])
const plainSignature = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64, 9))])
const blob = sshsig(plainKey, plainSignature)
const armor = (bytes: Buffer) => armored('SSH SIGNATURE', bytes)

const flags = (value: number) => Buffer.concat([Buffer.from([value]), uint32(1)])

function ecdsaSecurityKey(algorithm: string, trailer: Buffer) {
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com'
  const key = Buffer.concat([type, 'nistp256', Buffer.alloc(65, 4), 'ssh:'].map(wireString))
  const signature = Buffer.concat([wireString(algorithm), wireString(Buffer.alloc(70, 3)), trailer])
  return parseSignature(armor(sshsig(key, signature)))
}

describe('parseSignature', () => {
  it('reads key and namespace', () => {
    expect(parseSignature(armor(blob))).toEqual({
      public_key: `ssh-ed25519 ${plainKey.toString('base64')}`,
      namespace: 'gonogo-approval',
      user_present: false,
      armored: armor(blob),
    })
  })

  it.each([true, false])('reads whether a security key was touched: %s', (touched) => {
    const signature = createSecurityKey().sign('message', { touched })
    expect(parseSignature(signature)?.user_present).toBe(touched)
  })

  it('reads the flags of ECDSA security keys, also behind WebAuthn', () => {
    const ecdsa = 'sk-ecdsa-sha2-nistp256@openssh.com'
    const webauthn = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'
    const browser = Buffer.concat(['https://a.example', '{}', ''].map(wireString))
    expect(ecdsaSecurityKey(ecdsa, flags(0x01))?.user_present).toBe(true)
    expect(ecdsaSecurityKey(ecdsa, flags(0x05))?.user_present).toBe(true)
    expect(ecdsaSecurityKey(ecdsa, flags(0x04))?.user_present).toBe(false)
    expect(ecdsaSecurityKey(webauthn, Buffer.concat([flags(0x01), browser]))?.user_present).toBe(
      true,
    )
  })

  it('believes no touch of a key that cannot be touched', () => {
    const signature = Buffer.concat([plainSignature, Buffer.from([1]), uint32(1)])
    expect(parseSignature(armor(sshsig(plainKey, signature)))?.user_present).toBe(false)
  })

  it('refuses a security key without flags', () => {
    expect(ecdsaSecurityKey('sk-ecdsa-sha2-nistp256@openssh.com', Buffer.alloc(0))).toBeNull()
  })

  it('keeps nothing that stands beside the signature', () => {
    const loose = armor(blob).replace('\n', '\r\n \t')
    expect(parseSignature(`\n${loose}\n\n`)?.armored).toBe(armor(blob))
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['binary noise', '\u0000\u0001\ufffd'.repeat(50)],
    ['no armor', blob.toString('base64')],
    ['an empty armor', armor(Buffer.alloc(0))],
    ['no base64', '-----BEGIN SSH SIGNATURE-----\n<&>\n-----END SSH SIGNATURE-----'],
    ['another armor', armored('PGP SIGNATURE', blob)],
    ['two signatures', armor(blob) + armor(blob)],
    ['text before', `text ${armor(blob)}`],
    ['another magic', armor(Buffer.concat([Buffer.from('SSHSIX'), blob.subarray(6)]))],
    ['another version', armor(Buffer.concat([blob.subarray(0, 6), uint32(2), blob.subarray(10)]))],
    ['an end too early', armor(blob.subarray(0, -1))],
    ['a length beyond the end', armor(Buffer.concat([blob.subarray(0, 10), uint32(2 ** 32 - 1)]))],
    ['a huge text', armor(Buffer.concat([blob, Buffer.alloc(1_000_000)]))],
  ])('refuses %s', (_, text) => {
    expect(parseSignature(text)).toBeNull()
  })
})
