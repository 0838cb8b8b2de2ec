import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSecretScanner } from '../../../src/adapters/scanners/secretlint.ts'
import { directories, repositories, sourceOf } from '../git/fixture.ts'
import { awsLine, basicAuthUrl, databaseUrl, runtime, secrets, sourceWith } from './fixture.ts'

const repository = repositories()
const directory = directories()
const sha = 'a'.repeat(40)

async function scan(files: Record<string, string | Uint8Array | null>) {
  return createSecretScanner({ source: sourceWith(files), runtime }).scan(sha, {})
}

async function print(path: string, content: string) {
  const { findings } = await scan({ [path]: content })
  return findings[0]?.fingerprint
}

describe('a real repository', () => {
  test('finds what was committed, not what lies in the work tree, and never shows it', async () => {
    const repo = await repository()
    const path = '-rf \u202econfig\n.env'
    const leaked = await repo.commit({
      [path]: `one\n${awsLine(secrets.awsKey)}`,
      'a.js': 'x = 1\n',
    })
    const clean = await repo.commit({ [path]: 'one\n', 'b.txt': 'fine' })
    const scanner = createSecretScanner({ source: sourceOf(repo.directory), runtime })

    const report = await scanner.scan(leaked, {})
    expect(report).toMatchObject({ ran: true, applies: true, details: { files_scanned: 2 } })
    expect(report.findings).toMatchObject([
      {
        id: 'aws/AWSSecretAccessKey',
        severity: 'critical',
        line: 2,
        source: 'secretlint',
        path: '-rf config .env',
      },
    ])
    expect(JSON.stringify(report)).not.toContain(secrets.awsKey)
    expect(await scanner.scan(clean, {})).toMatchObject({
      ran: true,
      findings: [],
      message: 'no secrets in 3 text file(s)',
    })
  })

  test('a repository that is gone could not be scanned', async () => {
    const missing = join(await directory(), 'x')
    const report = await createSecretScanner({ source: sourceOf(missing), runtime }).scan(sha, {})
    expect(report).toMatchObject({ ran: false, applies: true, findings: [] })
    expect(report.message).toContain(missing)
  })
})

describe('findings', () => {
  test('carry no part of the secret, whichever rule found it', async () => {
    const password = 'Tr0ub4dor-9x'
    const values = [
      secrets.github,
      secrets.awsKey,
      secrets.stripeTest,
      secrets.privateKey,
      password,
    ]
    const report = await scan({
      'a.ts': `const t = "${secrets.github}"\n`,
      'b.env': awsLine(secrets.awsKey) + secrets.stripeTest,
      'key.pem': secrets.privateKey,
      'gcp.json': JSON.stringify({ private_key_id: '1', private_key: secrets.privateKey }),
      'c.yml': `${databaseUrl('app', password, 'db.internal.net')} ${basicAuthUrl('app', password, 'internal.net')}`,
    })
    const text = JSON.stringify(report)
    for (const value of values) expect(text).not.toContain(value.slice(0, 12))
    expect(report.findings.map(({ id }) => id).toSorted()).toEqual(
      [
        'aws/AWSSecretAccessKey',
        'basicauth/BasicAuth',
        'database-connection-string/PostgreSQLConnection',
        'gcp/PrivateKeyJSON',
        'github/GITHUB_TOKEN',
        'privatekey/PrivateKey',
        'privatekey/PrivateKey',
        'stripe/STRIPE_SECRET_KEY_TEST',
      ].toSorted(),
    )
  })

  test('have a fingerprint that survives moved lines and tells secrets and files apart', async () => {
    const first = await print('a.ts', secrets.github)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await print('a.ts', `\n\n// moved\n${secrets.github}`)).toBe(first)
    expect(await print('b.ts', secrets.github)).not.toBe(first)
    expect(await print('a.ts', secrets.github.replace('kQ7', 'xx1'))).not.toBe(first)
  })

  test('a comment in the file does not switch the scan off', async () => {
    const off = ['secretlint', 'disable'].join('-')
    const report = await scan({
      'a.ts': `// ${off}\nconst t = "${secrets.github}" // ${off}-line\n`,
    })
    expect(report.findings).toHaveLength(1)
  })
})

describe('files that are not scanned', () => {
  test('are counted, listed and said', async () => {
    const report = await scan({
      'image.png': Buffer.concat([Buffer.from([0]), Buffer.from(secrets.github)]),
      'big.sql': Buffer.alloc(1024 * 1024 + 1, 'x'),
      'huge.bin': null,
      'a.ts': 'fine',
      'late-nul.txt': Buffer.concat([
        Buffer.alloc(9000, 'x'),
        Buffer.from([0, 10]),
        Buffer.from(secrets.github),
      ]),
    })
    expect(report).toMatchObject({
      ran: true,
      details: {
        files_scanned: 2,
        files_skipped_count: 3,
        files_skipped: ['image.png (binary)', 'big.sql (too big)', 'huge.bin (too big)'],
      },
    })
    expect(report.findings).toMatchObject([{ path: 'late-nul.txt' }])
    expect(report.message).toContain('3 not scanned')
  })

  test('the list stops at 20, the count does not', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`${index}.png`, new Uint8Array(1)]),
    )
    const { details } = await scan({ ...files, a: 'text' })
    expect(details['files_skipped']).toHaveLength(20)
    expect(details['files_skipped_count']).toBe(30)
  })

  test('a commit without text files is not called clean', async () => {
    expect(await scan({ 'a.png': new Uint8Array(1) })).toMatchObject({ ran: false, applies: false })
  })
})

test('an abort ends the scan with its reason', async () => {
  const stop = new AbortController()
  const files = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}`, 'text']))
  const inner = sourceWith(files)
  let read = 0
  const source = {
    async *files(commit: string) {
      for await (const file of inner.files(commit)) {
        read += 1
        if (read === 10) stop.abort(new Error('the caller left'))
        yield file
      }
    },
  }
  const aborted = createSecretScanner({ source, runtime }).scan(sha, { signal: stop.signal })
  await expect(aborted).rejects.toThrow('the caller left')
  expect(read).toBe(10)
})

test('a file that breaks a rule makes the scan incomplete and keeps what was found', async () => {
  const source = {
    async *files() {
      yield { path: 'a.ts', content: Buffer.from(secrets.github) }
      throw new Error(`cannot read ${secrets.awsKey}`)
    },
  }
  const report = await createSecretScanner({ source, runtime }).scan(sha, {})
  expect(report).toMatchObject({ ran: false, applies: true })
  expect(report.findings).toHaveLength(1)
  expect(JSON.stringify(report)).not.toContain(secrets.awsKey)
})
