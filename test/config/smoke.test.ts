import { describe, expect, it } from 'vitest'
import { smokeStep } from '../support/fake-project.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const environments =
  'environments: { staging: { url: "http://staging.test:8080", env: { AUTH_URL: x } }, production: {} }'

async function suites(smoke: string) {
  const root = directory()
  put(root, 'gonogo.yaml', `project: p\nsmoke:\n${smoke}\n${environments}\n`)
  return (await load(root)).project.smoke
}

/** The problems of a suite, each without its line. */
async function problems(smoke: string): Promise<string[]> {
  const root = directory()
  const lines = await problemsOf(root, `project: p\nsmoke:\n${smoke}\n${environments}\n`)
  return lines.map((line) => line.replace(/^gonogo\.yaml:\d+: smoke\./, ''))
}

it('a suite of before means what it meant', async () => {
  const { basic, setup, teardown, allowed_hosts } = await suites(
    '  basic: [{ name: up, path: /, expect: { status: 204 }, capture: { a: b.c } }]',
  )
  const expected = smokeStep('up', { path: '/', capture: { a: 'b.c' } })
  expect(basic).toEqual([{ ...expected, expect: { ...expected.expect, status: 204 } }])
  expect([setup, teardown, allowed_hosts]).toEqual([[], [], []])
})

it('everything that may be said of an HTTP step is kept', async () => {
  const { basic, full, concurrency } = await suites(`  concurrency: 64
  allowed_hosts: [auth.test, "cache.test:6379"]
  basic:
    - name: log in
      url: http://auth.test/login
      method: POST
      retry: {}
      capture_headers: { place: Location }
      expect: { status: [200, 201], version: build.commit, tls_days_left: 14 }
    - { name: fast, kind: http, url: "{{env.AUTH_URL}}/x", parallel: true, expect: { latency: { p95_ms: 300 } } }
  full:
    - { name: shape, path: /x, expect: { version: true, json_schema: { type: object }, body_contains: [a], body_not_contains: [b] } }`)
  expect(basic[0]).toMatchObject({
    kind: 'http',
    path: null,
    url: 'http://auth.test/login',
    retry: { attempts: 5, delay_seconds: 2 },
    capture_headers: { place: 'Location' },
    expect: { status: [200, 201], version: 'build.commit', tls_days_left: 14 },
  })
  expect(basic[1]).toMatchObject({
    parallel: true,
    retry: null,
    expect: { latency: { requests: 20, concurrency: 1, p95_ms: 300, p50_ms: null, max_ms: null } },
  })
  expect(full[0]).toMatchObject({
    expect: { version: true, json_schema: { type: 'object' }, body_contains: ['a'] },
  })
  expect(concurrency).toBe(64)
})

describe('what is wrong with a step is told for the kind that was meant', () => {
  it.each([
    [
      '{ kind: htpp, name: a, path: / }',
      ['kind must be one of http, tcp, postgres, redis, command, got "htpp", did you mean "http"?'],
    ],
    [
      '{ kind: tcp, name: a, host: x.test, prot: 1 }',
      ['port is missing', 'prot is not a known key, did you mean "port"?'],
    ],
    [
      '{ name: a, path: /, expect: { stauts: 200 } }',
      ['expect.stauts is not a known key, did you mean "status"?'],
    ],
    [
      '{ name: a, path: /, expect: { status: [200, 99] } }',
      ['expect.status[1] must be at least 100, got 99'],
    ],
    [
      '{ name: a, path: /, expect: { status: ok } }',
      ['expect.status must be a status code such as 200, or a list of such codes, got "ok"'],
    ],
    ['{ name: a }', ['path is missing']],
    [
      '{ name: a, path: /, url: "http://staging.test:8080/x" }',
      ['url must not be there together with path'],
    ],
    [
      '{ name: a, path: /, expect: { latency: { requests: 9 } } }',
      ['expect.latency has no limit: set p95_ms or another percentile'],
    ],
    ['{ name: a, path: /, retry: { attempts: 1 } }', ['retry.attempts must be at least 2, got 1']],
  ])('%s', async (entry, expected) => {
    expect(await problems(`  basic:\n    - ${entry}`)).toEqual(
      expected.map((text) => `basic[0].${text}`),
    )
  })
})

describe('a URL of a step', () => {
  it.each([
    'http://staging.test:8080/other',
    'https://auth.test/x',
    'http://any.test:99/x',
    '{{env.AUTH_URL}}',
  ])('may be %s', async (url) => {
    const allowed = '  allowed_hosts: ["auth.test:443", any.test]\n'
    const { basic } = await suites(`${allowed}  basic: [{ name: a, url: "${url}" }]`)
    expect(basic[0]).toMatchObject({ path: null, url })
  })

  it.each([
    [
      'http://staging.test/x',
      'leads to staging.test:80, which is no host of an environment: add it to smoke.allowed_hosts',
    ],
    [
      'http://other.test/x',
      'leads to other.test:80, which is no host of an environment: add it to smoke.allowed_hosts',
    ],
  ])('may not be %s', async (url, message) => {
    expect(await problems(`  basic: [{ name: a, url: "${url}" }]`)).toEqual([
      `basic[0].url ${message}`,
    ])
  })

  it.each([
    'http://{{env.AUTH_URL}}/x',
    'http://user:pw@staging.test:8080/',
    '/x',
    'ftp://staging.test',
    '{{id}}/x',
    '{{env.AUTH_URL}}.evil.test',
  ])('is refused as %s', async (url) => {
    const [first = ''] = await problems(`  basic: [{ name: a, url: "${url}" }]`)
    expect(first).toMatch(/^basic\[0\]\.url (?:must be an http or https URL|inserts \{\{id\}\})/)
  })
})

describe('a captured value', () => {
  it('is there for later lists and groups, and for no step next to it', async () => {
    const order = `  setup: [{ name: make, path: /, capture: { id: id } }]
  basic:
    - { name: a, path: "/{{id}}", parallel: true, capture: { a: a }, capture_headers: { tag: etag } }
    - { name: b, path: "/{{a}}", parallel: true }
    - { name: c, path: "/{{a}}/{{tag}}" }
  teardown: [{ name: remove, path: "/{{id}}/{{a}}" }]`
    expect(await problems(order)).toEqual([
      'basic[1].path inserts {{a}}, but no earlier step captures it',
    ])
  })

  it('is looked for in every key of a step', async () => {
    expect(
      await problems(
        '  basic: [{ name: a, url: "http://staging.test:8080/{{x}}", expect: { body_contains: ["{{y}}"] } }]',
      ),
    ).toEqual([
      'basic[0].url inserts {{x}}, but no earlier step captures it',
      'basic[0].expect.body_contains[0] inserts {{y}}, but no earlier step captures it',
    ])
  })
})

it('names are unique over all lists', async () => {
  expect(
    await problems('  setup: [{ name: a, path: / }]\n  teardown: [{ name: a, path: / }]'),
  ).toEqual(['teardown[0].name is used twice: "a"'])
})
