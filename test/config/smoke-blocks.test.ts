import { describe, expect, it, test } from 'vitest'
import type { SmokeStep } from '../../src/core/smoke.ts'
import { loadWithOrigins } from '../../src/config/load.ts'
import { effectiveLeaves, sourceText } from '../../src/config/provenance.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()

const yaml = (smoke: object) =>
  JSON.stringify({
    project: 'p',
    smoke,
    environments: { staging: { url: 'http://127.0.0.1:1', env_file: 'staging.env' } },
  })

/** The smoke tests of a project with these. */
async function built(smoke: object) {
  const root = directory()
  put(root, 'gonogo.yaml', yaml(smoke))
  return (await load(root)).project.smoke
}

/** The same, for a basic suite of one block. */
const steps = async (block: object) => (await built({ basic: [block] })).basic

/** What is wrong with a block, without the file's name. */
async function problems(block: object): Promise<string[]> {
  const lines = await problemsOf(directory(), yaml({ basic: [block] }))
  return lines.map((line) => line.replace(/^gonogo.yaml:\d+: smoke\.basic\[0\]/, ''))
}

/** What a person would want to know of a step. */
function brief(step: SmokeStep) {
  if (step.kind !== 'http') return step
  const { name, method, path, headers, body, expect: expected, capture } = step
  const { status, json } = expected
  return {
    name,
    asks: `${method} ${path}`,
    status,
    ...(Object.keys(json).length > 0 && { json }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body !== undefined && { body }),
    ...(Object.keys(capture).length > 0 && { capture }),
  }
}

describe('api_health', () => {
  it('is one request', async () => {
    expect((await steps({ use: 'api_health' })).map(brief)).toEqual([
      { name: 'api health', asks: 'GET /health', status: 200 },
    ])
  })

  it('can want more of it', async () => {
    const [step] = await steps({
      use: 'api_health',
      name: 'api',
      path: '/up',
      version: true,
      json: { ready: true },
      retry: { attempts: 3 },
    })
    expect(step).toMatchObject({
      name: 'api',
      path: '/up',
      retry: { attempts: 3, delay_seconds: 2 },
      expect: { json: { ready: true }, version: true },
    })
  })
})

describe('database and redis', () => {
  it.each(['database', 'redis'])('%s: a value goes in and must come out', async (use) => {
    const body = { patient: 'smoke {{run.id}}', at: '2030-01-31T09:30:00Z' }
    const smoke = await built({ basic: [{ use, path: '/appointments', body }] })
    const path = `/appointments/{{${use}_id}}`
    expect(smoke.basic.map(brief)).toEqual([
      {
        name: `${use}: write`,
        asks: 'POST /appointments',
        status: [200, 201],
        body,
        capture: { [`${use}_id`]: 'id' },
      },
      { name: `${use}: read back`, asks: `GET ${path}`, status: 200, json: body },
    ])
    expect(smoke.teardown.map(brief)).toEqual([
      { name: `${use}: delete`, asks: `DELETE ${path}`, status: [200, 202, 204] },
    ])
  })

  it('takes other shapes of answers', async () => {
    const smoke = await built({
      basic: [
        {
          use: 'redis',
          name: 'the cache',
          path: '/cache',
          read: '/cache/smoke',
          body: { key: 'smoke', value: { text: '{{run.id}}' } },
          same: ['value.text'],
          within: 'data',
          delete: false,
          headers: { 'x-key': '{{env.KEY}}' },
        },
      ],
    })
    const headers = { 'x-key': '{{env.KEY}}' }
    expect(smoke.basic.map(brief)).toMatchObject([
      { name: 'the cache: write', headers },
      {
        name: 'the cache: read back',
        asks: 'GET /cache/smoke',
        headers,
        json: { 'data.value.text': '{{run.id}}' },
      },
    ])
    expect(smoke.teardown).toEqual([])
  })

  it('asks directly where there is a URL', async () => {
    const url = '{{env.DATABASE_URL}}'
    expect(await steps({ use: 'database', url, query: 'select 2' })).toMatchObject([
      { kind: 'postgres', name: 'database', url, query: 'select 2', round_trip: true },
    ])
    expect(await steps({ use: 'redis', url })).toMatchObject([
      { kind: 'redis', name: 'redis', url, round_trip: true },
    ])
  })

  it('refuses what proves nothing, and names the key', async () => {
    expect(await problems({ use: 'database' })).toEqual([
      '.path is missing: the block needs path, or url to ask directly',
    ])
    expect(await problems({ use: 'redis', path: '/health/redis' })).toEqual([
      '.body is missing: an endpoint that only says it is well proves nothing; store a value, or name a field as proof',
    ])
    expect(await problems({ use: 'database', path: '/x', body: { 'a b': 1 } })).toEqual([
      '.body has nothing that can come back the same: give it a field',
    ])
    const old =
      '.body has no {{run.id}} in what must come back: an old value could be taken for a new one'
    const body = { a: 1, b: '{{run.id}}' }
    const fixed = { use: 'redis', path: '/x', read: '/x/smoke' }
    expect(await problems({ ...fixed, body: { a: 1 } })).toEqual([old])
    expect(await problems({ ...fixed, body, same: ['a'] })).toEqual([old])
    expect(await problems({ use: 'database', path: '/x', body: { a: 1 }, delete: false })).toEqual([
      old,
    ])
    await built({ basic: [{ ...fixed, body }] })
    await built({ basic: [{ ...fixed, body: { a: 1 }, read: '/x/{{run.id}}' }] })
    expect(await problems({ use: 'database', path: '/x', body: { a: 1 }, same: ['b'] })).toEqual([
      '.same[0] names "b", which is not in body',
    ])
  })

  it('refuses keys that nothing would read, a literal URL, and unknown keys', async () => {
    const url = '{{env.DATABASE_URL}}'
    expect(await problems({ use: 'redis', url, path: '/x' })).toEqual([
      '.path must not be there together with url',
    ])
    expect(await problems({ use: 'database', path: '/x', proof: 'schema', read: '/y' })).toEqual([
      '.read must not be there together with proof',
    ])
    expect(await problems({ use: 'database', path: '/x', body: { a: 1 }, query: 'q' })).toEqual([
      '.query is for url, which is not set',
    ])
    const [literal] = await problems({ use: 'database', url: 'postgres://ada:hunter22@db/x' })
    expect(literal).toMatch(/^\.url must be a reference such as "\{\{env.DATABASE_URL\}\}"/)
    expect(literal).not.toContain('hunter22')
    expect(await problems({ use: 'database', url, pathh: '/x' })).toEqual([
      '.pathh is not a known key, did you mean "path"?',
    ])
    expect(await problems({ use: 'databse', url })).toEqual([
      '.use must be one of api_health, database, redis, authentication, journey, worker, got "databse", did you mean "database"?',
    ])
  })
})

const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('authentication', () => {
  const block = {
    use: 'authentication',
    protected: '/appointments',
    body: { user: 'reception', password: '{{env.PASSWORD}}' },
  }
  it('lets in with the token, and refuses without one and with a wrong one', async () => {
    expect((await steps(block)).map(brief)).toEqual([
      {
        name: 'authentication: log in',
        asks: 'POST /login',
        status: [200, 201],
        body: block.body,
        capture: { token: 'token' },
      },
      {
        name: 'authentication: in with the token',
        asks: 'GET /appointments',
        status: 200,
        ...bearing('{{token}}'),
      },
      {
        name: 'authentication: refused without a token',
        asks: 'GET /appointments',
        status: 401,
      },
      {
        name: 'authentication: refused with a wrong token',
        asks: 'GET /appointments',
        status: 401,
        ...bearing('gonogo-made-this-up'),
      },
    ])
  })

  it('logs out, after which the token is worth nothing', async () => {
    const logout = { path: '/login', method: 'DELETE' }
    const names = (await steps({ ...block, logout })).map(({ name }) => name)
    expect(names.slice(4)).toEqual([
      'authentication: log out',
      'authentication: refused after the logout',
    ])
    const lasting = await steps({ ...block, logout: { ...logout, ends_token: false } })
    expect(lasting.map(({ name }) => name).slice(4)).toEqual(['authentication: log out'])
  })

  it('gives the token to later steps, under a name of its own', async () => {
    const later = { name: 'mine', path: '/me', headers: { 'x-token': '{{admin}}' } }
    const other = { ...block, header: 'x-token', scheme: '', refused: 403, as: 'admin' }
    const { basic } = await built({ basic: [other, later] })
    expect(basic.slice(1, 3).map(brief)).toMatchObject([
      { headers: { 'x-token': '{{admin}}' } },
      { status: 403 },
    ])
    expect(basic[4]).toMatchObject(later)
  })
})

describe('journey', () => {
  const block = {
    use: 'journey',
    name: 'booking',
    steps: [
      { name: 'book', method: 'POST', path: '/appointments', body: {}, capture: { it: 'id' } },
      { name: 'see it', path: '/appointments/{{it}}' },
      { name: 'pay', url: 'http://127.0.0.1:1/pay' },
    ],
    cleanup: [{ name: 'cancel', method: 'DELETE', path: '/appointments/{{it}}' }],
  }

  it('is its steps, and what undoes them comes at the end, the last block first', async () => {
    const smoke = await built({
      setup: [{ use: 'database', path: '/x', body: { a: 1 } }],
      full: [block],
      teardown: [{ name: 'bye', path: '/bye' }],
    })
    expect(smoke.full.map(({ name, kind }) => [name, kind])).toEqual([
      ['booking: book', 'http'],
      ['booking: see it', 'http'],
      ['booking: pay', 'http'],
    ])
    expect(smoke.teardown.map(({ name }) => name)).toEqual([
      'booking: cancel',
      'database: delete',
      'bye',
    ])
  })

  it('tells problems of its steps where they are', async () => {
    const wrong = { ...block, steps: [{ name: 'book', pat: '/x' }] }
    expect(await problems(wrong)).toEqual([
      '.steps[0].pat is not a known key, did you mean "path"?',
      '.cleanup[0].path inserts {{it}}, but no earlier step captures it',
      '.steps[0].path is missing',
    ])
  })
})

test('the effective steps of a block name its line, and those after it their own', async () => {
  const root = directory()
  put(
    root,
    'gonogo.yaml',
    `project: p
smoke:
  basic:
    - { use: database, path: /x, body: { a: 1 } }
    - { name: home, path: / }
    - { use: worker, name: beat, url: "{{env.URL}}", key: heart }
environments: { staging: { env_file: .env } }
`,
  )
  const env = { HOME: '/home/someone' }
  const { project, origins } = await loadWithOrigins({ cwd: root, env })
  const told = effectiveLeaves(project, origins)
    .filter(({ path }) => path[0] === 'smoke' && ['name', 'key'].includes(String(path[3])))
    .map(({ path, value, source }) => [path.slice(1, 3).join(' '), value, sourceText(source)])
  expect(told).toEqual([
    ['basic 0', 'database: write', 'gonogo.yaml:4'],
    ['basic 1', 'database: read back', 'gonogo.yaml:4'],
    ['basic 2', 'home', 'gonogo.yaml:5'],
    ['basic 3', 'beat', 'gonogo.yaml:6'],
    ['basic 3', 'heart', 'gonogo.yaml:6'],
    ['teardown 0', 'database: delete', 'gonogo.yaml:4'],
  ])
})

test('names of steps are unique, whatever block they are of', async () => {
  const block = { use: 'database', path: '/x', body: { a: 1 } }
  const lines = await problemsOf(directory(), yaml({ basic: [block, block] }))
  expect(lines).toContain('gonogo.yaml:1: smoke.basic[1].name is used twice: "database: write"')
  expect((await built({ basic: [block], full: [{ ...block, name: 'again' }] })).full).toHaveLength(
    2,
  )
})

test('a placeholder of a block must have a value', async () => {
  const headers = { authorization: 'Bearer {{token}}' }
  const block = { use: 'database', path: '/x', body: { a: 1 }, headers }
  expect(await problems(block)).toContain(
    '.headers.authorization inserts {{token}}, but no earlier step captures it',
  )
})

describe('worker', () => {
  it('asks an endpoint, a PostgreSQL or a Redis', async () => {
    const url = '{{env.QUEUE_URL}}'
    const blocks = [
      { use: 'worker', name: 'celery_worker', path: '/workers', workers: 'items', at_least: 2 },
      { use: 'worker', name: 'beat', path: '/b', last_seen: 'seen', max_age_seconds: 90 },
      { use: 'worker', name: 'pg', url, query: 'select 1', max_age_seconds: 90 },
      { use: 'worker', name: 'redis', url, key: 'heart' },
    ]
    const { basic } = await built({ basic: blocks })
    expect(basic).toMatchObject([
      {
        kind: 'worker',
        name: 'celery_worker',
        at_least: 2,
        max_age_seconds: null,
        source: { from: 'endpoint', path: '/workers', workers: 'items', last_seen: null },
      },
      { source: { from: 'endpoint', path: '/b', last_seen: 'seen' }, max_age_seconds: 90 },
      { source: { from: 'postgres', url, query: 'select 1' }, max_age_seconds: 90 },
      { source: { from: 'redis', url, key: 'heart' }, max_age_seconds: null },
    ])
  })

  it.each([
    [{}, '.path is missing: the block needs path, or url with query or key'],
    [{ path: '/w' }, '.workers is missing: name the list of workers, or last_seen'],
    [{ path: '/w', last_seen: 'at' }, '.max_age_seconds is missing: last_seen needs it'],
    [{ path: '/w', workers: 'w', max_age_seconds: 9 }, '.max_age_seconds is for last_seen'],
    [{ path: '/w', workers: 'w', key: 'k' }, '.key must not be there together with path'],
    [{ url: '{{env.X}}' }, '.query is missing: ask a PostgreSQL with query, or a Redis with key'],
    [{ url: '{{env.X}}', query: 'select 1' }, '.max_age_seconds is missing: query needs it'],
    [{ url: '{{env.X}}', query: 'q', key: 'k' }, '.key must not be there together with query'],
  ])('refuses %j', async (keys, problem) => {
    expect(await problems({ use: 'worker', ...keys })).toEqual([problem])
  })
})
