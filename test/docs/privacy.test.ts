import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Everything in Node that opens a connection, by import or as a global. */
const network =
  /from 'node:(?:https?|http2|net|tls|dgram|dns|dns\/promises|inspector)'|import\('node:(?:https?|http2|net|tls|dgram|dns)|\b(?:fetch|sendBeacon)\(|\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b|from 'undici'/

/** A list of words that begins with a program that may reach the network: what it is started with. */
const startOfProgram =
  /\[\s*['"](?:curl|wget|nc|scp|sftp|rsync|npx|ssh|telnet|openssl|npm)['"]\s*,\s*['"][^'"]*['"]/

const sources = new Map<string, string>()
beforeAll(async () => {
  const files = await Array.fromAsync(glob('src/**/*.ts', { cwd: root }))
  for (const file of files) sources.set(file, await readFile(join(root, file), 'utf8'))
})

/** Without comments: they may name anything. */
const code = (text: string) => text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')

const withMatch = (pattern: RegExp) =>
  [...sources].filter(([, text]) => pattern.test(code(text))).map(([file]) => file)

describe('docs/privacy.md', () => {
  it('is right about where requests are sent', () => {
    const known = [
      // Copies of the audit log.
      'src/adapters/audit/syslog.ts',
      'src/adapters/audit/webhook.ts',
      // GitHub, with `pipeline: github`.
      'src/adapters/github/client/download.ts',
      'src/adapters/github/client/transport.ts',
      // Notifications; two of these only look at addresses, one hands Node's look-up on.
      'src/adapters/notifier/lookup.ts',
      'src/adapters/notifier/notifier.ts',
      'src/adapters/notifier/place.ts',
      'src/adapters/notifier/post.ts',
      // Live systems; some of these only look at addresses and certificates.
      'src/adapters/probe/agents.ts',
      'src/adapters/probe/certificate.ts',
      'src/adapters/probe/exchange-text.ts',
      'src/adapters/probe/exchange.ts',
      'src/adapters/probe/hosts.ts',
      'src/adapters/probe/kinds/postgres-session.ts',
      'src/adapters/probe/kinds/resp.ts',
      'src/adapters/probe/kinds/socket.ts',
      'src/adapters/probe/kinds/tcp.ts',
      // Registries of images; two of these only look at addresses.
      'src/adapters/registry/exchange.ts',
      'src/adapters/registry/guarded-lookup.ts',
      'src/adapters/registry/place.ts',
      // Looks for a free port on loopback, for the sample's services.
      'src/setup/sample/project.ts',
    ]
    expect(withMatch(network).toSorted()).toEqual(known)
    expect(code(sources.get(known.at(-1)!)!)).not.toMatch(/\b(?:connect|createConnection)\(/)
  })

  it('is right that npm is the one program that asks somebody else', () => {
    // What a configuration that is written for a project names is started by nobody here.
    const written = /^src\/setup\/(?:survey|draft|sample)\//
    const starting = withMatch(startOfProgram).filter((file) => !written.test(file))
    expect(starting.toSorted()).toEqual([
      'src/adapters/scanners/npm-command.ts',
      'src/doctor/findings/npm.ts',
      'src/doctor/findings/versions.ts',
    ])
    expect(sources.get('src/adapters/scanners/npm-command.ts')).toContain('--no-update-notifier')
    for (const file of ['npm', 'versions']) {
      const [argv = ''] = startOfProgram.exec(code(sources.get(`src/doctor/findings/${file}.ts`)!))!
      expect(argv).toMatch(/^\[(?:'npm', '--version'|'ssh', '-V')/)
    }
  })

  it('is right that git is forbidden every protocol', () => {
    const git = sources.get('src/adapters/git/git.ts')!
    expect(git).toContain("['protocol.allow', 'never']")
    expect(git).toContain("GIT_NO_LAZY_FETCH: '1'")
    const remote = /\[\s*'git'[^\]]*'(?:fetch|pull|push|clone|ls-remote)'/
    expect(withMatch(remote)).toEqual([])
  })

  it('is right that no host but GitHub’s and Docker Hub’s is written into the program', () => {
    const hosts = [...sources].flatMap(([file, text]) =>
      [...code(text).matchAll(/https?:\/\/([\w.-]+\.[a-z]{2,})/g)].map(([, host]) => [file, host]),
    )
    // Where the API is asked, and how the remote of a repository there is written.
    const known = ['src/config/schema-github.ts', 'src/adapters/github/client/place.ts']
    const others = hosts.filter(([file]) => !known.includes(file!))
    // What Docker Hub is called where `docker login` keeps its credentials; nothing is sent there.
    expect(others).toEqual([['src/adapters/registry/place.ts', 'index.docker.io']])
    for (const [, host] of hosts.filter((found) => !others.includes(found)))
      expect(host).toMatch(/^(?:api\.)?(?:github\.com|NAME\.ghe\.com)$/)
  })
})
