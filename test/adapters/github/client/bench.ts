import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'
import {
  createGitHubClient,
  type GitHubClientDeps,
} from '../../../../src/adapters/github/client/client.ts'
import type { GitHubClient } from '../../../../src/adapters/github/client/github-client.ts'
import { createProcesses } from '../../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import { Failure } from '../../../../src/core/failure.ts'
import { startHub } from '../../../hub/start.ts'
import type { Hub, HubOptions } from '../../../hub/hub.ts'
import { gitEnvironment } from '../../../support/repository.ts'

export interface Bench {
  directory: string
  /** A client of this API, with a state directory that all of a bench share. */
  client: (apiUrl: string, changes?: Partial<GitHubClientDeps>) => GitHubClient
  hub: (options?: Partial<HubOptions>) => Promise<Hub>
  /** A server that answers as the test says; resolves to its address. */
  serve: (answer: Answerer) => Promise<string>
  /** How long the clients of this bench waited, in milliseconds, without doing so. */
  waits: number[]
}

type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void

export const settings: GitHubClientDeps['settings'] = {
  repository: 'acme/clinic',
  api_url: 'https://api.github.com',
  token_command: null,
  app: null,
}

/** Cleans up after each test: servers, stand-ins and files. */
export function useBench(): () => Bench {
  const ends: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })
  return () => {
    const directory = mkdtempSync(join(tmpdir(), 'gonogo-github-'))
    ends.push(() => rmSync(directory, { recursive: true, force: true }))
    const waits: number[] = []
    const runtime = { ...createRuntime(), sleep: async (ms: number) => void waits.push(ms) }
    return {
      directory,
      waits,
      client: (apiUrl, changes = {}) =>
        createGitHubClient({
          settings: { ...settings, api_url: apiUrl, ...changes.settings },
          token: 'github_pat_test',
          onToken: () => undefined,
          shutdown: new AbortController().signal,
          stateDirectory: join(directory, 'state'),
          repository: directory,
          processes: createProcesses(),
          runtime,
          commandEnv: { PATH: process.env['PATH'] ?? '', HOME: directory },
          env: {},
          version: '1.2.3',
          ...without(changes, 'settings'),
        }),
      async hub(options = {}) {
        const git = options.git ?? bareRepository(directory)
        const hub = await startHub({ ...options, git })
        ends.push(() => hub.close())
        return hub
      },
      async serve(answer) {
        const server = createServer((request, response) => {
          const parts: Buffer[] = []
          request.on('data', (part: Buffer) => parts.push(part))
          request.on('end', () => answer(request, response, Buffer.concat(parts).toString()))
        })
        await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
        ends.push(
          () =>
            new Promise<void>((closed) => {
              server.close(() => closed())
              server.closeAllConnections()
            }),
        )
        return `http://127.0.0.1:${(server.address() as { port: number }).port}`
      },
    }
  }
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value
  return rest
}

const workflow = `on: workflow_dispatch
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: echo deploy }]
`

/** A bare repository with one commit on main and a workflow. */
export function bareRepository(directory: string): string {
  const [work, bare] = [join(directory, 'work'), join(directory, 'bare.git')]
  mkdirSync(work)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: work, env: gitEnvironment })
  git('init', '--quiet', '--initial-branch=main')
  const file = join(work, '.github/workflows/cd.yml')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, workflow)
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  git('clone', '--quiet', '--bare', work, bare)
  return bare
}

/** Installs an App in a stand-in; resolves to the configuration that acts as it. */
export function installApp(hub: Hub, directory: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  hub.settings.app = {
    id: '12',
    installationId: '34',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    login: 'acme-deployer[bot]',
  }
  const private_key_file = join(directory, 'installed.pem')
  writeFileSync(private_key_file, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  })
  return { id: '12', installation_id: '34', private_key_file }
}

export function json(response: ServerResponse, data: unknown, headers: object = {}, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof data === 'string' ? data : JSON.stringify(data))
}

/** The failure of a call that must fail. */
export async function failureOf(asking: Promise<unknown>): Promise<Failure> {
  const error = await asking.then(
    (value) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw error
}
