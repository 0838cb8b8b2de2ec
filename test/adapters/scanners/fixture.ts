import { createHash } from 'node:crypto'
import type { Source } from '../../../src/ports/source.ts'

export const runtime = {
  now: () => performance.now(),
  sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
}

/** A source of fixed files, for cases that a real repository would only make slower. */
export function sourceWith(
  files: Record<string, string | Uint8Array | null>,
): Pick<Source, 'files' | 'readFile'> {
  return {
    async *files() {
      for (const [path, content] of Object.entries(files)) yield { path, content: bytes(content) }
    },
    readFile: async (_sha, path) => bytes(files[path] ?? null),
  }
}

function bytes(content: string | Uint8Array | null): Uint8Array | null {
  return typeof content === 'string' ? Buffer.from(content) : content
}

// Built at run time: no file of this repository may look as if it held a secret.
const random = (length: number) => 'kQ7zR2mXw9LtB4nVc8HjP5sDf3GyA6eU1oTi'.repeat(9).slice(0, length)

export const secrets = {
  github: ['gh', 'p_'].join('') + random(36),
  awsKey: `+/${random(38)}`,
  stripeTest: ['sk', 'test', random(24)].join('_'),
  privateKey:
    ['-----BEGIN', 'PRIVATE KEY-----\nMI'].join(' ') +
    random(200) +
    ['\n-----END', 'PRIVATE KEY-----\n'].join(' '),
  slackExample: ['xoxb', '1234', 'example', 'token'].join('-'),
}

export const awsLine = (key: string) => ['AWS', 'SECRET', 'ACCESS', 'KEY'].join('_') + `=${key}\n`

export const databaseUrl = (user: string, password: string, host: string) =>
  ['postgres', '://', user, ':', password, '@', host, '/app'].join('')

export const basicAuthUrl = (user: string, password: string, host: string) =>
  ['https', '://', user, ':', password, '@', host].join('')
