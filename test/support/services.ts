import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, constants, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from './until.ts'

/** A real service on a port of loopback that nobody else uses. Its data lies in a temporary directory. */
export interface Service {
  host: string
  port: number
  password: string
  /** With user and password. */
  url: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** Program, and the Debian package that has it. */
const packages = { postgres: 'postgresql', 'redis-server': 'redis-server' }

type Program = keyof typeof packages

/**
 * Tests that need the program. Where it is missing they are skipped, and say so where everybody reads
 * it; with GONOGO_NO_SKIP=1 that is a failure.
 */
export function describeWith(program: Program, title: string, tests: () => void): void {
  if (find(program) !== null) {
    describe(title, tests)
    return
  }
  const reason = missing(program)
  if (process.env['GONOGO_NO_SKIP'] === '1') {
    describe(title, () => {
      test('can run', () => expect.fail(reason))
    })
    return
  }
  console.warn(`SKIPPED: ${title}: ${reason}`)
  describe.skip(`${title} (${reason})`, tests)
}

function missing(program: Program): string {
  return `${program} is not installed: apt-get install ${packages[program]}`
}

function find(program: string): string | null {
  // Debian keeps the programs of each version of PostgreSQL off the PATH.
  const versions = readdirSafely('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a))
  const directories = [
    ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  const files = directories.map((directory) => join(directory, program))
  return files.find(isExecutable) ?? null
}

function readdirSafely(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Its superuser is `clinic`, its database `postgres`; a password is asked for. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<Service> {
  const [initdb, postgres] = [programFile('initdb', 'postgres'), programFile('postgres')]
  const user = unprivileged()
  const home = await makeHome('postgres', user)
  const password = 'pg-secret-Vx7'
  const [passwordFile, data] = [join(home, 'password'), join(home, 'data')]
  await writeFile(passwordFile, password, { mode: 0o644 })
  const created = start(
    initdb,
    [
      `--pgdata=${data}`,
      '--username=clinic',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-locale',
      '--encoding=UTF8',
      '--no-sync',
    ],
    { home, user },
  )
  await once(created.child, 'exit')
  if (created.child.exitCode !== 0) throw new Error(`initdb failed: ${created.output()}`)
  const options = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '16MB',
    max_connections: '20',
    autovacuum: 'off',
    ...settings,
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const started = await startOnFreePort(
    (port) => start(postgres, ['-D', data, '-p', String(port), ...flags], { home, user }),
    // It takes connections before it serves them.
    ({ output }) => /ready to accept connections/.test(output()),
  )
  const url = `postgres://clinic:${password}@127.0.0.1:${started.port}/postgres`
  return service({ ...started, home, url, password, quit: 'SIGQUIT' })
}

/** It asks for a password and writes nothing to disk. */
export async function startRedis(): Promise<Service> {
  const program = programFile('redis-server')
  const home = await makeHome('redis', null)
  const password = 'redis-secret-Qm4'
  const args = `--bind 127.0.0.1 --dir ${home} --appendonly no --requirepass ${password}`.split(' ')
  const started = await startOnFreePort(
    (port) => start(program, [...args, '--port', String(port), '--save', ''], { home, user: null }),
    ({ output }) => /Ready to accept connections/.test(output()),
  )
  const url = `redis://:${password}@127.0.0.1:${started.port}`
  return service({ ...started, home, url, password, quit: 'SIGKILL' })
}

interface User {
  uid: number
  gid: number
}

interface Started {
  child: ChildProcess
  output: () => string
}

function programFile(name: string, program: Program = name as Program): string {
  const file = find(name)
  if (file === null) throw new Error(missing(program))
  return file
}

/** PostgreSQL refuses to run as root: then whoever owns it on Debian, or nobody. */
function unprivileged(): User | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const entry = ['postgres', 'nobody']
    .map((name) => users.find(([user]) => user === name))
    .find((found) => found !== undefined)
  if (!entry) throw new Error('PostgreSQL cannot run as root, and there is no user nobody')
  return { uid: Number(entry[2]), gid: Number(entry[3]) }
}

async function makeHome(name: string, user: User | null): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), `gonogo-${name}-`))
  if (user) chownSync(home, user.uid, user.gid)
  return home
}

function start(
  program: string,
  args: readonly string[],
  { home, user }: { home: string; user: User | null },
): Started {
  let output = ''
  const child = spawn(program, args, {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  child.on('error', (error) => (output += error.message))
  return { child, output: () => output }
}

/** Another program may take the port between the look and the start: then the next one. */
async function startOnFreePort(
  launch: (port: number) => Started,
  isReady: (started: Started) => boolean,
): Promise<Started & { port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const started = launch(port)
    const { child, output } = started
    const isOver = () => child.exitCode !== null || child.signalCode !== null
    await until(`the start of ${child.spawnfile}`, () => isReady(started) || isOver())
    if (!isOver()) return { ...started, port }
    if (attempt === 5) throw new Error(`${child.spawnfile} did not start: ${output()}`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function service(
  started: Started & {
    port: number
    home: string
    url: string
    password: string
    quit: NodeJS.Signals
  },
): Service {
  const { child, port, home, url, password, quit } = started
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    host: '127.0.0.1',
    port,
    password,
    url,
    kill: () => end(quit),
    async stop() {
      await end(quit)
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
