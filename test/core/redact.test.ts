import { describe, expect, it } from 'vitest'
import { createLiveRedactor, createRedactor, redact } from '../../src/core/redact.ts'

// Put together here, so that no scanner takes this file for a leak.
const samples = {
  'a classic GitHub token': `ghp_${'aB3'.repeat(12)}`,
  'an OAuth token of GitHub': `gho_${'aB3'.repeat(12)}`,
  'a user token of GitHub': `ghu_${'aB3'.repeat(12)}`,
  'a server token of GitHub': `ghs_${'aB3'.repeat(12)}`,
  'a refresh token of GitHub': `ghr_${'aB3'.repeat(25)}`,
  'a fine-grained GitHub token': `github_pat_${'aB3_'.repeat(20)}`,
  'an AWS key id': `AKIA${'ABCD2345'.repeat(2)}`,
  'a JWT': ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxIn0', 'c2lnbmF0dXJl'].join('.'),
  'a private key': `-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\nbnNz\n-----END OPENSSH PRIVATE KEY-----`,
  'a private key that was cut': `-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC`,
}

describe('the shapes of secrets', () => {
  it.each(Object.entries(samples))('%s is taken out', (_, secret) => {
    expect(redact(`before ${secret}`, [])).toBe('before [redacted]')
  })

  it.each([
    ['https://user:pass@example.com/x', 'https://[redacted]@example.com/x'],
    ['postgres://app:p@ss@db:5432/app', 'postgres://[redacted]@db:5432/app'],
    ['see https://token@host and go', 'see https://[redacted]@host and go'],
  ])('what stands before the host in %s is taken out', (text, clean) => {
    expect(redact(text, [])).toBe(clean)
  })

  it.each([
    'https://registry.example.com/@scope/package',
    'alice@example.com approved ghost_writer',
    '4f0c1c2bd2f3a7c90b5b7e5d9a1c3e5f7a9b1c3d',
    'v1.2.3-beta.1+build.5',
  ])('%s stays', (text) => {
    expect(redact(text, [])).toBe(text)
  })

  it('are taken out of what stands around them', () => {
    const jwt = samples['a JWT']
    expect(redact(`Bearer%20${jwt}, "${jwt}" eyJ.eyJ12345.`, [])).toBe(
      'Bearer%20[redacted], "[redacted]" eyJ.eyJ12345.',
    )
  })

  it('are looked for in reasonable time in hostile text', () => {
    const hostile = ['eyJ', 'a', 'a:', 'ghp_', '-----BEGIN PRIVATE KEY', 'x://a'].map((part) =>
      part.repeat(600_000 / part.length),
    )
    const dotted = `${'eyJ'.repeat(490)}.${'b'.repeat(600_000)}`
    const started = performance.now()
    redact([...hostile, dotted], [])
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe('exact secrets', () => {
  it('are taken out everywhere: nested, in lists, in names of fields, more than once', () => {
    const value = { a: ['s3cret!', { 'x s3cret!': 's3cret!s3cret!' }], n: 7, b: true, none: null }
    expect(redact(value, ['s3cret!'])).toEqual({
      a: ['[redacted]', { 'x [redacted]': '[redacted][redacted]' }],
      n: 7,
      b: true,
      none: null,
    })
  })

  it('are taken out as fast where there are many', () => {
    const lines = Array.from({ length: 20_000 }, () => 'the s3cret!')
    const started = performance.now()
    const clean = redact([...lines, lines.join('')], ['s3cret!'])
    expect(performance.now() - started).toBeLessThan(3_000)
    expect(clean.join('')).toBe('the [redacted]'.repeat(40_000))
  })

  it('may span lines and hold what a regular expression would read otherwise', () => {
    expect(redact('<a.*\n(b$>', ['a.*\n(b$'])).toBe('<[redacted]>')
  })

  it('leave nothing behind when one contains another', () => {
    expect(redact('password-and-salt', ['password', 'password-and-salt'])).toBe('[redacted]')
  })

  it('of less than six characters are everyday text', () => {
    expect(redact('prod is prod', ['prod', ''])).toBe('prod is prod')
  })
})

describe('a secret in another form', () => {
  const secret = 'Zq8#kT/2m+Vw"9 pL'
  const bytes = Buffer.from(secret)
  const forms: Record<string, string> = {
    base64: bytes.toString('base64'),
    'base64 after a name': Buffer.from(`password=${secret}!`).toString('base64'),
    'base64 after a longer name': Buffer.from(`the password=${secret}`).toString('base64'),
    base64url: Buffer.from(`:${secret}`).toString('base64url'),
    'wrapped base64': bytes.toString('base64').replace(/.{6}/g, '$&\r\n'),
    hex: bytes.toString('hex'),
    'upper-case hex': bytes.toString('hex').toUpperCase(),
    'an address': encodeURIComponent(secret),
    'an address in lower case': encodeURIComponent(secret).replace(/%../g, (code) =>
      code.toLowerCase(),
    ),
    'a form': encodeURIComponent(secret).replaceAll('%20', '+'),
    'an address, every byte': bytes.toString('hex').replace(/../g, '%$&'),
    JSON: JSON.stringify(secret),
    'JSON in JSON': JSON.stringify(JSON.stringify(secret)),
    'JSON with escaped slashes': JSON.stringify(secret).replaceAll('/', '\\/'),
    lines: secret.replace(/.{5}/g, '$&\n  '),
    'lines in JSON': secret.replace(/.{5}/g, '$&\\n'),
    colours: secret.replace(/.{4}/g, '$&\u001b[1;31m'),
    'zero-width characters': secret.replace(/.{3}/g, '$&\u200b'),
  }

  it.each(Object.entries(forms))('is taken out of %s', (_, form) => {
    const clean = redact(`before ${form} after`, [secret])
    expect(clean).toMatch(/^before [^ ]*\[redacted\][^ ]* after$/)
    // What is left at the edges of an encoding tells at most a character of the secret's neighbours.
    expect(clean.replace('[redacted]', '').length).toBeLessThan('before  after'.length + 24)
    expect(clean).not.toContain(secret.slice(0, 6))
  })

  it('is taken out of neighbouring strings that it was spread over', () => {
    const value = { lines: ['token Zq8#kT', '/2m+V', 'w"9 pL end'], count: 3 }
    expect(redact(value, [secret])).toEqual({
      lines: ['token [redacted]', '[redacted]', '[redacted] end'],
      count: 3,
    })
  })

  it('that is short is left where white space made it', () => {
    expect(redact('the prod is up', ['prodis'])).toBe('the prod is up')
    expect(redact(['prod', 'is'], ['prodis'])).toEqual(['prod', 'is'])
    expect(redact('prodis', ['prodis'])).toBe('[redacted]')
  })
})

it('takes callers tokens and one-time codes out by their shape', () => {
  const hex = '0123456789abcdef'.repeat(3)
  expect(redact(`gng_${hex} and code_${hex}`, [])).toBe('[redacted] and [redacted]')
  expect(redact('code_coverage_threshold_exceeded', [])).toBe('code_coverage_threshold_exceeded')
})

it('looks for new secrets in a list that grew', () => {
  const held = ['first-secret']
  const clean = createLiveRedactor(() => held)
  expect(clean('first-secret second-secret')).toBe('[redacted] second-secret')
  held.push('second-secret')
  expect(clean('first-secret second-secret')).toBe('[redacted] [redacted]')
})

it('takes a few milliseconds for an answer of 20 kB and two dozen secrets', () => {
  const secrets = Array.from({ length: 24 }, (_, index) => `secret-${index}-`.repeat(3))
  const clean = createRedactor(secrets)
  const line = 'step build wrote 12 files to https://example.com/releases/v1.4.0 in 3.2 s'
  const value = { logs: Array.from({ length: 280 }, (_, index) => `${line} ${index}`) }
  const times = Array.from({ length: 20 }, () => {
    const started = performance.now()
    clean(value)
    return performance.now() - started
  })
  // Far more than it takes (about 1 ms), for a machine that is busy.
  expect(Math.min(...times)).toBeLessThan(10)
})
