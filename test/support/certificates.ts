import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach } from 'vitest'

const dayMs = 86_400_000

/** What a test server shows, and the private key to it. */
export interface TestCertificate {
  cert: string
  key: string
}

export interface Authority {
  /** The authority's own certificate. */
  cert: string
  /**
   * A certificate of 127.0.0.1 and these names, `localhost` by default, that ends in so many days; in the
   * past when negative.
   */
  issue(days: number, subject?: string, names?: readonly string[]): TestCertificate
}

/** An authority that this process trusts until the test ends. */
export function useAuthority(): () => Authority {
  const before = getCACertificates('default')
  let trusted = false
  afterEach(() => {
    if (trusted) setDefaultCACertificates(before)
    trusted = false
  })
  return () => {
    const authority = createAuthority()
    setDefaultCACertificates([...before, authority.cert])
    trusted = true
    return authority
  }
}

/** An authority that nobody trusts. */
export function createAuthority(): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = 'gonogo test authority'
  const parts = { issuer: name, signer: own.privateKey }
  const validity: [number, number] = [-3650, 3650]
  const cert = certificate({
    ...parts,
    subject: name,
    key: own.publicKey,
    validity,
    names: null,
  })
  return {
    cert,
    issue(days, subject = 'shop.test', names = ['localhost']) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const ends: [number, number] = [days - 400, days]
      const issued = { ...parts, subject, key: publicKey, validity: ends, names }
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      return { cert: certificate(issued), key }
    },
  }
}

interface Parts {
  subject: string
  issuer: string
  key: KeyObject
  signer: KeyObject
  /** Days from now: begin and end. */
  validity: [number, number]
  /** Null of an authority. */
  names: readonly string[] | null
}

// X.509 in DER, as far as a test needs it: RFC 5280. Tags: 02 INTEGER, 03 BIT STRING, 04 OCTET STRING,
// 06 OBJECT IDENTIFIER, 0c UTF8String, 18 GeneralizedTime, 30 SEQUENCE, 31 SET, a0 and a3 explicit tags.
const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'))

function certificate({ subject, issuer, key, signer, validity, names }: Parts): string {
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...Buffer.from(String(Math.floor(validity[1]) + 100_000))])),
    ecdsaWithSha256,
    nameOf(issuer),
    der(0x30, ...validity.map(time)),
    nameOf(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions(names))),
  )
  const signature = sign('sha256', body, signer)
  const whole = der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

function extensions(names: Parts['names']): Buffer[] {
  const yes = der(0x01, Buffer.from([0xff]))
  if (names === null) return [der(0x30, oid('551d13'), yes, der(0x04, der(0x30, yes)))]
  const known = names.map((name) => der(0x82, Buffer.from(name)))
  const all = [...known, der(0x87, Buffer.from([127, 0, 0, 1]))]
  return [der(0x30, oid('551d11'), der(0x04, der(0x30, ...all)))]
}

function nameOf(text: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(text)))))
}

function time(days: number): Buffer {
  // An hour more, so that a whole number of days is left while the test runs.
  const moment = new Date(Date.now() + days * dayMs + 3_600_000)
  return der(0x18, Buffer.from(moment.toISOString().replace(/[-:T]|\.\d+/g, '')))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
