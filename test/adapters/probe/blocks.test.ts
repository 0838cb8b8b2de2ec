import { expect, test } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { SmokeResult } from '../../../src/ports/probe.ts'
import { load, put, useDirectories } from '../../config/directory.ts'
import { answer, useServers, type Received } from './servers.ts'
import type { ServerResponse } from 'node:http'

const servers = useServers()
const directory = useDirectories()

/** A service as it would be found, and the ways in which it may lie. */
interface Service {
  /** Health answers this, whatever holds. */
  health: { status: number; body: unknown }
  /** What is written is taken with a good answer, and not kept. */
  forgets?: boolean
  /** What is read is what somebody else wrote. */
  confuses?: boolean
  /** Everybody is let in. */
  open?: boolean
  /** A token is good for ever. */
  immortal?: boolean
}

/** Notes behind a login; a database that is a Map. */
function serve(service: Service) {
  const notes = new Map<string, unknown>()
  const tokens = new Set<string>()
  const isIn = ({ headers }: Received) =>
    service.open === true || tokens.has((headers.authorization ?? '').replace('Bearer ', ''))
  const handle = (request: Received, response: ServerResponse) => {
    const { method, url, body } = request
    if (url === '/health') return answer(response, service.health.body, service.health.status)
    if (url === '/login' && method === 'POST') {
      const token = `token-${tokens.size}-secret`
      tokens.add(token)
      return answer(response, { token })
    }
    if (!isIn(request)) return answer(response, { error: 'log in' }, 401)
    if (url === '/login') {
      if (!service.immortal) tokens.clear()
      return answer(response, {}, 200)
    }
    if (method === 'POST') {
      const id = `note-${notes.size + 1}`
      notes.set(id, service.forgets ? null : JSON.parse(body))
      return answer(response, { id }, 201)
    }
    const id = url.replace('/notes/', '')
    if (method === 'DELETE') return answer(response, { gone: notes.delete(id) })
    if (url === '/notes') return answer(response, { notes: [...notes.keys()] })
    const note = service.confuses ? { text: 'of somebody else' } : notes.get(id)
    return note ? answer(response, { id, ...note }) : answer(response, { error: 'none' }, 404)
  }
  return { handle, notes }
}

/** Runs the blocks as `gonogo.yaml` has them. */
async function smoke(service: Service, ...basic: object[]) {
  const { handle, notes } = serve(service)
  const url = await servers.http(handle)
  const root = directory()
  const environments = { staging: { url } }
  put(root, 'gonogo.yaml', JSON.stringify({ project: 'p', smoke: { basic }, environments }))
  const { project } = await load(root)
  const results = await createProbe({ now: () => performance.now() }).smoke({
    ...project.smoke,
    steps: project.smoke.basic,
    baseUrl: url,
    variables: {},
    timeoutMs: 5000,
  })
  return { results, notes, told: results.map(line) }
}

function line({ name, ran, passed, message }: SmokeResult): string {
  return `${passed ? 'ok' : ran ? 'FAIL' : 'not run'} ${name}: ${message}`
}

const healthy = { status: 200, body: { status: 'healthy' } }
const login = { use: 'authentication', body: { user: 'ada' }, protected: '/notes' }
const database = {
  use: 'database',
  path: '/notes',
  body: { text: 'smoke {{run.id}}' },
  headers: { authorization: 'Bearer {{token}}' },
}
const journey = {
  use: 'journey',
  name: 'notes',
  steps: [
    {
      name: 'write',
      method: 'POST',
      path: '/notes',
      body: { text: 'hi' },
      headers: database.headers,
      expect: { status: 201 },
      capture: { note: 'id' },
    },
    { name: 'read', path: '/notes/{{note}}', headers: database.headers },
  ],
  cleanup: [
    { name: 'tear up', method: 'DELETE', path: '/notes/{{note}}', headers: database.headers },
  ],
}

test('a service that works passes every block, and nothing is left behind', async () => {
  const health = { use: 'api_health' }
  const { told, results, notes } = await smoke(
    { health: healthy },
    health,
    login,
    database,
    journey,
  )
  expect(results.filter(({ passed }) => !passed)).toEqual([])
  expect(told.map((text) => text.replace(/:[^:]*$/, ''))).toEqual([
    'ok api health',
    'ok authentication: log in',
    'ok authentication: in with the token',
    'ok authentication: refused without a token',
    'ok authentication: refused with a wrong token',
    'ok database: write',
    'ok database: read back',
    'ok notes: write',
    'ok notes: read',
    'ok notes: tear up',
    'ok database: delete',
  ])
  expect(notes.size).toBe(0)
})

test('an API that says it is degraded under a 200 fails its health', async () => {
  const degraded = { status: 200, body: { status: 'degraded' } }
  const { told } = await smoke({ health: degraded }, { use: 'api_health' })
  expect(told[0]).toMatch(/^FAIL api health: .*degraded/)
})

test('a database that takes values and does not keep them fails under a green health', async () => {
  const { told } = await smoke(
    { health: healthy, forgets: true },
    { use: 'api_health' },
    login,
    database,
  )
  expect(told[0]).toMatch(/^ok api health/)
  expect(told[5]).toMatch(/^ok database: write/)
  expect(told[6]).toBe('FAIL database: read back: expected status 200, got 404')
  // What was written is deleted all the same.
  expect(told[7]).toMatch(/^ok database: delete/)
})

test('a value that comes back as another one fails', async () => {
  const { told } = await smoke({ health: healthy, confuses: true }, login, database)
  expect(told[5]).toMatch(
    /^FAIL database: read back: JSON field text: expected "smoke .*", got "of somebody else"/,
  )
})

test('the values of two runs differ, so that an old one is not taken for a new one', async () => {
  const service = { health: healthy, open: true }
  const kept = { ...database, headers: {}, delete: false }
  const runs = [await smoke(service, kept), await smoke(service, kept)]
  const texts = runs.map(({ notes }) => JSON.stringify([...notes.values()]))
  expect(texts[0]).toMatch(/smoke [0-9a-f-]{36}/)
  expect(texts[0]).not.toBe(texts[1])
})

const say = (schema: unknown) => ({
  health: { status: 200, body: { status: 'ok', checks: { database: { schema } } } },
})

test('a field as proof must be there, and not be nothing', async () => {
  const block = { use: 'database', path: '/health', proof: 'checks.database.schema' }
  expect((await smoke(say('0002'), block)).told[0]).toMatch(/^ok database/)
  for (const nothing of [null, '', undefined, [], {}, 0, false]) {
    expect((await smoke(say(nothing), block)).told[0]).toMatch(/^FAIL database: .*schema/)
  }
})

test('an API that lets everybody in fails, although the login works', async () => {
  const { told } = await smoke({ health: healthy, open: true }, login)
  expect(told.slice(0, 3)).toEqual([
    'ok authentication: log in: status 200',
    'ok authentication: in with the token: status 200',
    'FAIL authentication: refused without a token: expected status 401, got 200',
  ])
})

test('a logout that ends nothing fails', async () => {
  const block = { ...login, logout: { path: '/login', method: 'DELETE' } }
  expect((await smoke({ health: healthy }, block)).results.every(({ passed }) => passed)).toBe(true)
  const { told } = await smoke({ health: healthy, immortal: true }, block)
  expect(told.at(-1)).toBe(
    'FAIL authentication: refused after the logout: expected status 401, got 200',
  )
})

test('a token is not told, whatever goes wrong', async () => {
  const { results } = await smoke({ health: healthy, confuses: true }, login, database)
  expect(JSON.stringify(results)).not.toContain('-secret')
})
