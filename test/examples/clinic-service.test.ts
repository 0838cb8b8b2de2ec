import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it as base } from 'vitest'
import { makeClinicRepository, type ClinicHistory } from '../../src/setup/sample/history.ts'
import { Environment } from './environment.ts'
import { exportTree, freePort, git, isAlive, node, temporaryDirectory } from './release.ts'

type ReleaseName = 'good1' | 'good2' | 'broken'

let home: Awaited<ReturnType<typeof temporaryDirectory>>
let history: ClinicHistory
let releases: Record<ReleaseName, string>

beforeAll(async () => {
  home = await temporaryDirectory()
  const repository = join(home.path, 'repository')
  history = await makeClinicRepository(repository)
  const unpack = (name: ReleaseName) => exportTree(repository, history[name], join(home.path, name))
  // One after the other: git locks the repository while it adds a work tree.
  releases = {
    good1: await unpack('good1'),
    good2: await unpack('good2'),
    broken: await unpack('broken'),
  }
})

afterAll(() => home[Symbol.asyncDispose]())

/** Whatever runs in the environment is stopped at the end. */
const it = base.extend<{ environment: Environment }>({
  // oxlint-disable-next-line no-empty-pattern
  environment: async ({}, use) => {
    await using directory = await temporaryDirectory()
    const environment = new Environment(join(directory.path, 'data'), await freePort())
    await use(environment)
    await environment.service('stop', releases.good1)
  },
})

const appointment = { patient: 'Ada Lovelace', at: '2030-01-31T09:30:00Z' }

describe.concurrent('the clinic', () => {
  it('is migrated once, one line for each migration', async ({ environment }) => {
    expect(await environment.migrate(releases.good1)).toEqual({
      code: 0,
      stdout: '0001_sessions applied\n0002_appointments applied\n',
      stderr: '',
    })
    expect((await environment.migrate(releases.good2)).stdout.split('\n')).toEqual([
      '0001_sessions already applied',
      '0002_appointments already applied',
      '0003_appointment_note applied',
      '',
    ])
  })

  it('starts, serves and stops', async ({ environment }) => {
    const release = releases.good1
    await environment.migrate(release)
    const started = await environment.service('start', release, {
      GONOGO_VERSION: 'v1.0.0',
      GONOGO_COMMIT: history.good1,
    })
    const pid = await environment.pid()
    expect(started).toEqual({
      code: 0,
      stdout: `started, pid ${pid}, release ${release}\n`,
      stderr: '',
    })

    expect((await environment.call('GET /health')).status).toBe(200)
    expect((await environment.call('GET /version')).body).toEqual({
      version: 'v1.0.0',
      commit: history.good1,
      environment: 'staging',
      schema: '0002_appointments',
    })
    expect((await environment.call('POST /appointments', appointment)).status).toBe(401)
    const token = await environment.logIn()
    const made = await environment.call('POST /appointments', appointment, token)
    expect(made.status).toBe(201)
    const { id } = made.body as { id: string }
    const shown = await environment.call(`GET /appointments/${id}`, undefined, token)
    expect(shown).toEqual({ status: 200, body: { id, ...appointment } })

    expect(await isAlive(pid)).toBe(true)
    expect(await environment.service('stop', release)).toMatchObject({ code: 0 })
    expect(await isAlive(pid)).toBe(false)
    await expect(environment.call('GET /health')).rejects.toThrow('fetch failed')
    expect(await environment.service('status', release)).toMatchObject({ code: 3 })
  })

  it('is not started twice', async ({ environment }) => {
    const pid = await environment.deploy(releases.good1)
    const second = await environment.service('start', releases.good2)
    expect(second).toMatchObject({
      code: 1,
      stderr: `clinic: already running as pid ${pid}; use restart\n`,
    })
    expect(await environment.pid()).toBe(pid)
  })

  it('goes from release to release and back, with its data', async ({ environment }) => {
    const first = await environment.deploy(releases.good1)
    const token = await environment.logIn()
    const { body } = await environment.call('POST /appointments', appointment, token)
    const path = `/appointments/${(body as { id: string }).id}`

    const second = await environment.deploy(releases.good2)
    expect(second).not.toBe(first)
    expect(await isAlive(first)).toBe(false)
    expect((await environment.call(`GET ${path}`, undefined, token)).body).toMatchObject({
      note: '',
    })
    expect((await environment.call('GET /version')).body).toMatchObject({ version: '1.1.0' })

    await environment.deploy(releases.good1)
    expect(await isAlive(second)).toBe(false)
    expect((await environment.call(`GET ${path}`, undefined, token)).body).not.toHaveProperty(
      'note',
    )
    expect((await environment.call('GET /health')).status).toBe(200)
    expect((await environment.call('GET /version')).body).toMatchObject({
      version: '1.0.0',
      schema: '0003_appointment_note',
    })
  })

  it('runs the release a link leads to, under its real path', async ({ environment }) => {
    const link = join(environment.data, '..', 'current')
    await symlink(releases.good1, link)
    await environment.deploy(link)
    await rm(link)
    await symlink(releases.good2, link)
    const { stdout } = await environment.service('status', link)
    expect(stdout).toContain(`release ${releases.good1}\n`)
    await environment.deploy(link)
    expect((await environment.call('GET /version')).body).toMatchObject({ version: '1.1.0' })
  })

  it.for([
    ['staging', 201],
    ['production', 500],
  ] as const)(
    'broken in %s answers an appointment with %i',
    async ([name, status], { environment }) => {
      await environment.deploy(releases.broken, { CLINIC_ENV: name })
      const made = await environment.call(
        'POST /appointments',
        appointment,
        await environment.logIn(),
      )
      expect(made.status).toBe(status)
      expect((await environment.call('GET /health')).status).toBe(200)
    },
  )

  it('refuses a short secret and keeps the old process', async ({ environment }) => {
    const pid = await environment.deploy(releases.good1)
    const refusal = {
      code: 1,
      stdout: '',
      stderr: 'clinic: SESSION_SECRET must be set to at least 32 characters\n',
    }
    const env = { SESSION_SECRET: 'short' }
    expect(await environment.service('restart', releases.good2, env)).toEqual(refusal)
    const server = await node(releases.good1, ['src/server.js'], { ...environment.env, ...env })
    expect(server).toEqual(refusal)
    expect(await isAlive(pid)).toBe(true)
  })

  it('says when another process has the port', async ({ environment }) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const PORT = String((other.address() as AddressInfo).port)
    const { code, stderr } = await environment.service('start', releases.good1, { PORT })
    other.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`clinic: port ${PORT} is already in use by another process\n`)
    expect(await environment.service('status', releases.good1)).toMatchObject({ code: 3 })
  })

  it('is not taken for the clinic that has the port', async ({ environment }) => {
    await environment.deploy(releases.good1)
    const elsewhere = { CLINIC_DATA: join(environment.data, 'other') }
    const second = await environment.service('restart', releases.good1, elsewhere)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain('is already in use by another process')
  })

  it('does not stop a process that was given its old pid', async ({ environment }) => {
    const pid = await environment.deploy(releases.good1)
    const pidFile = join(environment.data, 'clinic.pid')
    const record = JSON.parse(await readFile(pidFile, 'utf8')) as object
    await environment.service('stop', releases.good1)
    expect(await isAlive(pid)).toBe(false)

    const bystander = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(bystander, 'spawn')
    await writeFile(pidFile, JSON.stringify({ ...record, pid: bystander.pid }))
    const { stdout } = await environment.service('stop', releases.good1)
    expect(stdout).toBe('not running\n')
    expect(await isAlive(bystander.pid ?? 0)).toBe(true)
    bystander.kill()
    await once(bystander, 'exit')
  })

  it('restarts over a frozen process', async ({ environment }) => {
    const frozen = await environment.deploy(releases.good1)
    process.kill(frozen, 'SIGSTOP')
    const pid = await environment.deploy(releases.good2)
    expect(pid).not.toBe(frozen)
    expect(await isAlive(frozen)).toBe(false)
  })

  it('stops although a request hangs', async ({ environment }) => {
    const release = await withFaults(environment, { hang: { path: '/appointments' } })
    const pid = await environment.deploy(release)
    const hanging = environment.call('GET /appointments').then(
      () => 'answered',
      (error: Error) => error.message,
    )
    // Answered on a later connection, so the hanging request has arrived.
    expect((await environment.call('GET /health')).status).toBe(200)
    expect(await environment.service('stop', release)).toMatchObject({ code: 0 })
    expect(await hanging).toBe('fetch failed')
    expect(await isAlive(pid)).toBe(false)
  })

  it('shows why a release does not start', async ({ environment }) => {
    const release = await withFaults(environment, {})
    await writeFile(join(release, 'src', 'server.js'), "throw new Error('no such feature')\n")
    const { code, stderr } = await environment.service('restart', release)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^clinic: the server did not start; .*service\.log ends:\n/)
    expect(stderr).toContain('Error: no such feature')
  })

  // Skipped outside Linux, loudly by its name: only /proc shows the variables of another process.
  it.skipIf(process.platform !== 'linux')(
    'hands the server only what it needs (read from /proc, so on Linux only)',
    async ({ environment }) => {
      const pid = await environment.deploy(releases.good1, { GITHUB_TOKEN: 'not for the service' })
      const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean)
      const names = variables.map((variable) => variable.split('=')[0])
      expect(new Set(names)).toEqual(new Set(Object.keys(environment.env)))
    },
  )
})

/** A copy of the first release with faults switched on. */
async function withFaults(environment: Environment, faults: object): Promise<string> {
  const release = join(environment.data, '..', 'release')
  await git(join(home.path, 'repository'), 'clone', '--quiet', '--branch', 'v1.0.0', '.', release)
  await writeFile(join(release, 'faults.json'), JSON.stringify(faults))
  return release
}
