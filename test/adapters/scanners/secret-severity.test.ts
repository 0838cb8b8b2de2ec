import { describe, expect, test } from 'vitest'
import { secretSeverity, type SecretHit } from '../../../src/adapters/scanners/secret-severity.ts'
import { basicAuthUrl, databaseUrl, secrets } from './fixture.ts'

function severity(hit: Partial<SecretHit>) {
  return secretSeverity({
    rule: 'github',
    messageId: 'GITHUB_TOKEN',
    path: 'src/config.ts',
    value: secrets.github,
    ...hit,
  })
}

const database = (value: string, path = 'src/config.ts') =>
  severity({ rule: 'database-connection-string', messageId: 'PostgreSQLConnection', value, path })

describe('severity of a secret', () => {
  test('tokens and keys are critical, test-mode keys are not', () => {
    expect(severity({})).toBe('critical')
    expect(severity({ rule: 'privatekey', value: secrets.privateKey })).toBe('critical')
    expect(severity({ rule: 'stripe', messageId: 'STRIPE_SECRET_KEY_TEST' })).toBe('medium')
  })

  test.each([
    [databaseUrl('app', 'Tr0ub4dor', 'db.internal.net:5432'), 'high'],
    [basicAuthUrl('app', 'Tr0ub4dor', 'internal.net'), 'high'],
    [`jdbc:${databaseUrl('app', 'Tr0ub4dor', '10.0.0.7')}`, 'high'],
    [databaseUrl('app', 'notexampleReal1', 'db.example-corp.com'), 'high'],
    [databaseUrl('app', 'Tr0ub4dor', 'db:5432'), 'medium'],
    [databaseUrl('app', 'Tr0ub4dor', 'localhost:5432'), 'info'],
    [databaseUrl('app', 'Tr0ub4dor', 'db.example.com'), 'info'],
    [databaseUrl('postgres', 'postgres', 'db.internal.net'), 'info'],
    [databaseUrl('app', 'changeme', 'db.internal.net'), 'info'],
    // oxlint-disable-next-line no-template-curly-in-string
    [databaseUrl('app', '${DB_PASSWORD}', 'db.internal.net'), 'info'],
  ])('credentials in %s are %s', (url, expected) => {
    expect(database(url)).toBe(expected)
  })

  test('a placeholder is judged by the value; a key is never one', () => {
    expect(severity({ rule: 'slack', value: secrets.slackExample })).toBe('info')
    expect(severity({ value: `${secrets.github.slice(0, 4)}${'x'.repeat(36)}` })).toBe('info')
    expect(severity({ rule: 'privatekey', value: 'example key' })).toBe('critical')
  })

  test.each([
    ['test/fixtures/config.ts', 'high'],
    ['docs/setup.md', 'high'],
    ['README.md', 'high'],
    ['.env.example', 'high'],
    ['src/login.test.ts', 'high'],
    ['examples/a/b.ts', 'high'],
    ['src/latest/config.ts', 'critical'],
    ['src/contest.ts', 'critical'],
    ['deploy/production.env', 'critical'],
  ])('a token in %s is %s', (path, expected) => {
    expect(severity({ path })).toBe(expected)
  })

  test('classes add up', () => {
    expect(database(databaseUrl('app', 'Tr0ub4dor', 'db.internal.net'), 'docs/a.md')).toBe('medium')
  })
})
