import { describe, expect, it } from 'vitest'
import { redact } from '../../src/core/redact.ts'

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

  it('are looked for in reasonable time in hostile text', () => {
    const hostile = ['eyJ', 'a', 'a:', 'ghp_', '-----BEGIN PRIVATE KEY', 'x://a'].map((part) =>
      part.repeat(60_000 / part.length),
    )
    const started = performance.now()
    redact(hostile, [])
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
