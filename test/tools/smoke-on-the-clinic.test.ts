import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adopt } from '../../src/desk/adopt.ts'
import type { Call, Context } from '../../src/ports/context.ts'
import { runSmokeTests } from '../../src/tools/run-smoke-tests.ts'
import { connect } from '../../src/wiring.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import { until } from '../support/until.ts'

const secrets = { SESSION_SECRET: 'x'.repeat(40), CLINIC_ADMIN_PASSWORD: 'password-of-staging' }
const bearer = { headers: { authorization: 'Bearer {{token}}' } }
const appointment = { patient: 'smoke {{run.id}}', at: '2030-01-31T09:30:00Z' }

const smoke = {
  basic: [
    { use: 'api_health', path: '/health' },
    { name: 'database says', path: '/health/database', expect: { json: { status: 'healthy' } } },
    { use: 'database', name: 'database answers', path: '/version', proof: 'schema' },
  ],
  full: [
    { name: 'version', path: '/version', expect: { version: 'commit' } },
    {
      use: 'authentication',
      body: { user: 'reception', password: '{{env.CLINIC_ADMIN_PASSWORD}}' },
      protected: '/appointments',
    },
    { use: 'database', path: '/appointments', body: appointment, ...bearer },
    {
      use: 'journey',
      name: 'cancel',
      steps: [
        {
          name: 'book',
          method: 'POST',
          path: '/appointments',
          body: appointment,
          ...bearer,
          expect: { status: 201 },
          capture: { booked: 'id' },
        },
        { name: 'look', path: '/appointments/{{booked}}', ...bearer },
      ],
      cleanup: [
        {
          name: 'cancel',
          method: 'DELETE',
          path: '/appointments/{{booked}}',
          ...bearer,
          expect: { status: 204 },
        },
      ],
    },
  ],
}

let repository: Repository
let root: string
let first: string
let second: string
let context: Context
let service: ChildProcess | null = null
let port = 0

beforeAll(async () => {
  repository = await makeRepository()
  root = repository.directory
  first = await repository.commit({ 'a.txt': '1' })
  second = await repository.commit({ 'a.txt': '2' })
  await cp('examples/clinic', join(root, '.run'), { recursive: true })
  await mkdir(join(root, '.home'))
  await start(first)
  const url = `http://127.0.0.1:${port}`
  const version = { path: '/version', json_path: 'commit' }
  await writeFile(join(root, '.env'), lines(secrets))
  const environments = { staging: { url, version, env_file: '.env' } }
  const config = { project: 'clinic', state_directory: '.state', smoke, environments }
  await writeFile(join(root, 'gonogo.yaml'), JSON.stringify(config))
  context = await connect({
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: join(root, '.home') },
    readOnly: false,
    terminal: false,
    command: [process.execPath, 'nothing-is-started'],
    shutdown: new AbortController().signal,
  })
  await adopt(call(), 'staging', first)
})

afterAll(async () => {
  await stop()
  await context?.store.close()
  await repository?.remove()
})

function lines(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function call(): Call {
  return {
    ...context,
    principal: { kind: 'human', name: 'ada' },
    requestId: 'req_1',
    waitMs: 60_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
}

/** The clinic as a process of its own, at the same address each time. */
async function start(commit: string, faults: object = {}): Promise<void> {
  await stop()
  const directory = join(root, '.run')
  await writeFile(join(directory, 'faults.json'), JSON.stringify(faults))
  const env = {
    ...secrets,
    PORT: String(port),
    CLINIC_DATA: join(root, '.data'),
    GONOGO_COMMIT: commit,
  }
  await promisify(execFile)(process.execPath, ['ops/migrate.js'], { cwd: directory, env })
  let output = ''
  service = spawn(process.execPath, ['src/server.js'], { cwd: directory, env })
  for (const stream of [service.stdout, service.stderr]) {
    stream?.on('data', (text: Buffer) => (output += text.toString()))
  }
  port = await until('the clinic', () => Number(/127\.0\.0\.1:(\d+)\n/.exec(output)?.[1]) || null)
}

async function stop(): Promise<void> {
  if (service === null) return
  const ended = once(service, 'exit')
  service.kill('SIGKILL')
  await ended
  service = null
}

async function run(test_suite: 'basic' | 'full') {
  const { output } = await runSmokeTests.call({ environment: 'staging', test_suite }, call())
  const { passed, results, warnings } = output as unknown as {
    passed: boolean
    warnings: string[]
    results: { name: string; passed: boolean; ran: boolean; message: string }[]
  }
  const told = results.map(({ name, message, ...result }) =>
    result.passed ? `ok ${name}` : `${result.ran ? 'FAIL' : 'not run'} ${name}: ${message}`,
  )
  return { passed, told, warnings }
}

test('the sample passes all blocks, is proven, and has no appointment more than before', async () => {
  const { passed, told, warnings } = await run('full')
  expect({ passed, warnings }).toEqual({ passed: true, warnings: [] })
  expect(told).toEqual([
    'ok api health',
    'ok database says',
    'ok database answers',
    'ok version',
    'ok authentication: log in',
    'ok authentication: in with the token',
    'ok authentication: refused without a token',
    'ok authentication: refused with a wrong token',
    'ok database: write',
    'ok database: read back',
    'ok cancel: book',
    'ok cancel: look',
    'ok cancel: cancel',
    'ok database: delete',
  ])
  const data = new DatabaseSync(join(root, '.data/clinic.sqlite'), { readOnly: true })
  expect(data.prepare('select * from appointments').all()).toEqual([])
  data.close()
  // What clears up after the full suite has nothing to do after the basic one.
  expect((await run('basic')).told).toHaveLength(3)
})

test('its database killed under a green health endpoint: health passes, the database block fails', async () => {
  await start(first, { lost_database: {} })
  const { passed, told } = await run('basic')
  expect(passed).toBe(false)
  expect(told.slice(0, 2)).toEqual(['ok api health', 'ok database says'])
  expect(told[2]).toMatch(/^FAIL database answers: .*schema/)
})

test('writes that fail under a green health endpoint fail the round trip', async () => {
  await start(first, { appointments: { status: 500 } })
  const { told } = await run('full')
  expect(told.slice(0, 3)).toEqual(['ok api health', 'ok database says', 'ok database answers'])
  expect(told[8]).toBe('FAIL database: write: expected status 200 or 201, got 500')
})

test('another version than the one that was deployed fails, and proves nothing', async () => {
  await start(second)
  const { passed, told, warnings } = await run('full')
  expect(passed).toBe(false)
  expect(told[3]).toMatch(/^FAIL version: /)
  expect(told[3]).toContain(second.slice(0, 7))
  expect(warnings.join()).toContain('not kept as evidence')
})
