import { describe, expect, it } from 'vitest'
import { load, problemsOf, put, refused, useDirectories } from './directory.ts'

const directory = useDirectories()

/** Problems of a file with these lines in `environments.staging`, without the file's name. */
async function inStaging(...lines: string[]): Promise<string[]> {
  const yaml = ['project: p', 'environments:', '  staging:', ...lines.map((line) => `    ${line}`)]
  return (await problemsOf(directory(), yaml.join('\n'))).map((line) =>
    line.replace('gonogo.yaml:', ''),
  )
}

/** The same for lines at the top of the file, which is complete otherwise. */
async function atTop(...lines: string[]): Promise<string[]> {
  const yaml = [...lines, 'project: p', 'environments: { only: { url: http://only.test } }']
  return (await problemsOf(directory(), yaml.join('\n'))).map((line) =>
    line.replace('gonogo.yaml:', ''),
  )
}

it('reports everything that is wrong at once, in the order of the file', async () => {
  const root = directory()
  put(
    root,
    'gonogo.yaml',
    `project: shop
pipelin: local
approvals: { mode: strikt }
tests:
  - { name: unit, run: npm test }
  - { name: unit, run: [npm, run, lint] }
smoke:
  basic:
    - { name: get, path: '/x/{{id}}', expect: { status: 2000 } }
environments:
  staging:
    urll: http://a.test
    url: http://localhost:3000
    local: { directory: run, keep_releases: 1 }
    env: { PORT: 3000, API_KEY: hush-hush }
    pass_env: [GONOGO_STATE_DIR]
  production:
    url: http://127.0.0.1:3000
    checks: { test_passed: off }
    local: { directory: run/x }
`,
  )
  const { message, hint } = await refused(load(root))
  expect(message.split('\n')).toEqual([
    'gonogo.yaml:2: pipelin is not a known key, did you mean "pipeline"?',
    'gonogo.yaml:3: approvals.mode must be one of standard, strict, got "strikt", did you mean "strict"?',
    'gonogo.yaml:5: tests[0].run must be a list of arguments such as [npm, test], got "npm test"',
    'gonogo.yaml:6: tests[1].name is used twice: "unit"',
    'gonogo.yaml:9: smoke.basic[0].expect.status must be at most 599, got 2000',
    'gonogo.yaml:9: smoke.basic[0].path inserts {{id}}, but no earlier step captures it',
    'gonogo.yaml:12: environments.staging.urll is not a known key, did you mean "url"?',
    'gonogo.yaml:14: environments.staging.local.keep_releases must be at least 2, got 1',
    'gonogo.yaml:15: environments.staging.env.PORT must be text: put the value in quotes',
    'gonogo.yaml:15: environments.staging.env.API_KEY looks like a secret and would be stored in the file: use env_file or pass_env',
    'gonogo.yaml:16: environments.staging.pass_env[0] must not be one of gonogo\'s own variables, got "GONOGO_STATE_DIR"',
    'gonogo.yaml:18: environments.production.url must not share host and port (localhost:3000) with staging',
    'gonogo.yaml:19: environments.production.checks.test_passed is not a known key, did you mean "tests_passed"?',
    'gonogo.yaml:20: environments.production.local.directory must not be, contain or lie in the directory of staging',
  ])
  expect(hint).toBe('correct gonogo.yaml, then run: gonogo config show')
})

it('cuts a flood of problems', async () => {
  const keys = Array.from({ length: 200 }, (_, index) => `zzz${index}zzz: 1`)
  const lines = await problemsOf(
    directory(),
    [...keys, 'project: p', 'environments: { only: {} }'].join('\n'),
  )
  expect(lines).toHaveLength(51)
  expect(lines.at(-1)).toBe('and 150 more')
})

it('says what is missing', async () => {
  expect(await problemsOf(directory(), 'tests: [{ name: unit }]\n')).toEqual([
    'gonogo.yaml:1: project is missing',
    'gonogo.yaml:1: tests[0].run is missing',
    'gonogo.yaml:1: environments is missing',
  ])
  expect(await problemsOf(directory(), 'project: p\nenvironments: {}\n')).toEqual([
    'gonogo.yaml:2: environments must have at least one environment',
  ])
  expect(await inStaging('url:')).toEqual([
    '4: environments.staging.url has no value: set it or remove it',
  ])
})

function secret(line: number, name: string): string {
  return `${line}: environments.staging.env.${name} looks like a secret and would be stored in the file: use env_file or pass_env`
}

function smoke(...steps: string[]): string {
  return `smoke: { basic: [${steps.join(', ')}] }`
}

describe('secrets', () => {
  it('are refused as literals under any telling name, and never repeated', async () => {
    const lines = await inStaging(
      'env:',
      '  SESSION_SECRET: hunter2',
      '  db_password: hunter2',
      '  GITHUB_TOKEN: hunter2',
      '  SIGNING_KEY: 42',
      '  HARMLESS: fine',
    )
    expect(lines.join('\n')).not.toMatch(/hunter2|42|HARMLESS/)
    expect(lines).toEqual([
      secret(5, 'SESSION_SECRET'),
      secret(6, 'db_password'),
      secret(7, 'GITHUB_TOKEN'),
      '8: environments.staging.env.SIGNING_KEY must be text: put the value in quotes',
      secret(8, 'SIGNING_KEY'),
    ])
  })

  it('of gonogo itself cannot be passed on', async () => {
    const names = ['GITHUB_TOKEN', 'DEPLOYMENT_ADMIN_TOKENS', 'GONOGO_ANYTHING', 'gonogo_x']
    const lines = await inStaging(`pass_env: [HOME, ${names.join(', ')}]`)
    expect(lines).toEqual(
      names.map(
        (name, index) =>
          `4: environments.staging.pass_env[${index + 1}] must not be one of gonogo's own variables, got "${name}"`,
      ),
    )
  })

  it('in a URL are refused without repeating them', async () => {
    const [line] = await inStaging('url: https://admin:hunter2@staging.test')
    expect(line).toBe(
      '4: environments.staging.url must be an http or https URL without user name and password',
    )
  })

  it('in headers and bodies stay out of messages', async () => {
    const lines = await atTop(
      'smoke: { basic: [{ name: a, path: /, headers: { authorization: [hunter2] }, expect: { json: { a: .nan } } }] }',
    )
    expect(lines).toEqual([
      '1: smoke.basic[0].headers.authorization must be text in quotes',
      '1: smoke.basic[0].expect.json.a must be plain JSON data',
    ])
  })
})

it.each([
  ['http://a.test', 'https://a.test', false],
  ['http://a.test', 'http://a.test:80/other', true],
  ['https://a.test:443', 'https://A.test', true],
  ['http://[::1]:3000', 'http://localhost:3000', true],
  ['http://localhost:3000', 'http://localhost:3001', false],
])('%s and %s on one host and port: %s', async (left, right, shared) => {
  const root = directory()
  put(
    root,
    'gonogo.yaml',
    `project: p\nenvironments:\n  one: { url: '${left}' }\n  two: { url: '${right}' }\n`,
  )
  if (!shared) await load(root)
  else expect((await refused(load(root))).message).toContain('environments.two.url must not share')
})

it.each([
  ['run', 'run', true],
  ['run', './run/../run/', true],
  ['run/a', 'run', true],
  ['run', 'run/..a', true],
  ['run', 'run-b', false],
  ['run/a', 'run/b', false],
])('directories %s and %s overlap: %s', async (left, right, overlap) => {
  const root = directory()
  put(
    root,
    'gonogo.yaml',
    `project: p\nenvironments:\n  one: { local: { directory: ${left} } }\n  two: { local: { directory: ${right} } }\n`,
  )
  if (!overlap) await load(root)
  else expect((await refused(load(root))).message).toContain('two.local.directory must not be')
})

describe('steps', () => {
  it('have names of their own over prepare and activate, and over both suites', async () => {
    const step = '{ name: same, run: [x] }'
    expect(
      await inStaging(`local: { directory: d, prepare: [${step}], activate: [${step}] }`),
    ).toEqual(['4: environments.staging.local.activate[0].name is used twice: "same"'])
    expect(
      await atTop(
        'smoke: { basic: [{ name: same, path: / }], full: [{ name: other, path: / }, { name: same, path: / }] }',
      ),
    ).toEqual(['1: smoke.full[1].name is used twice: "same"'])
  })

  it('stay in their directory and name a program', async () => {
    expect(
      await atTop(
        'tests:',
        '  - { name: a, run: [] }',
        "  - { name: b, run: [''] }",
        '  - { name: c, run: [x], directory: ../up }',
        '  - { name: d, run: [x], directory: /abs }',
        '  - { name: " e", run: [x, 1] }',
      ),
    ).toEqual([
      '2: tests[0].run must name a program',
      '3: tests[1].run must name a program',
      '4: tests[2].directory must be a relative path without "..", got "../up"',
      '5: tests[3].directory must be a relative path without "..", got "/abs"',
      '6: tests[4].name must be one line of at most 80 characters without surrounding blanks, got " e"',
      '6: tests[4].run[1] must be text, got 1',
    ])
  })

  it('cannot send a smoke request to another host', async () => {
    for (const path of ['//evil.test/x', 'http://evil.test', '/\\evil.test', 'x']) {
      expect(await atTop(`smoke: { basic: [{ name: a, path: '${path}' }] }`)).toEqual([
        expect.stringMatching(/^1: smoke\.basic\[0\]\.path must be a path beginning with a single/),
      ])
    }
  })
})

describe('placeholders', () => {
  it('need an earlier capture', async () => {
    expect(
      await atTop(
        smoke(
          "{ name: a, path: '/{{later}}', capture: { later: id } }",
          "{ name: b, path: '/{{later}}', headers: { x: '{{ nothing }}' }, body: { list: ['{{gone}}'] }, expect: { json: { id: '{{later}}' } } }",
        ),
      ),
    ).toEqual([
      '1: smoke.basic[0].path inserts {{later}}, but no earlier step captures it',
      '1: smoke.basic[1].headers.x inserts {{nothing}}, but no earlier step captures it',
      '1: smoke.basic[1].body.list[0] inserts {{gone}}, but no earlier step captures it',
    ])
  })

  it('of variables need an environment that may have them', async () => {
    const step = "{ name: a, path: /, headers: { x: '{{env.A}}{{env.B}}{{env.C}}{{env.D}}' } }"
    const environments = (more: string) =>
      `project: p\n${smoke(step)}\nenvironments: { one: { env: { A: a }, pass_env: [B] }, two: { variables: { C: {} } ${more} } }\n`
    expect(await problemsOf(directory(), environments(''))).toEqual([
      'gonogo.yaml:2: smoke.basic[0].headers.x inserts {{env.D}}, but no environment has that variable in env, pass_env, env_file or variables',
    ])
    const root = directory()
    put(root, 'gonogo.yaml', environments(', env_file: some.env'))
    await load(root)
  })
})

it('refuses a verification that nothing would carry out', async () => {
  expect(await inStaging('verify: full')).toEqual([
    '4: environments.staging.verify is full, but smoke has no steps to verify with',
  ])
  const root = directory()
  put(root, 'gonogo.yaml', 'project: p\nenvironments: { only: { verify: off } }\n')
  expect((await load(root)).project.environments[0]!.verify).toBe('off')
})

it('refuses paths below a URL that is not set, unless a variable sets it', async () => {
  const yaml = `project: p
environments:
  staging:
    health: { api: /health }
    version: { path: /version, json_path: sha }
`
  expect(await problemsOf(directory(), yaml)).toEqual([
    'gonogo.yaml:4: environments.staging.health.api is a path, but environments.staging.url is not set',
    'gonogo.yaml:5: environments.staging.version.path is a path, but environments.staging.url is not set',
  ])
  const root = directory()
  put(root, 'gonogo.yaml', yaml)
  const { project } = await load(root, { env: { STAGING_URL: 'http://s.test/' } })
  expect(project.environments[0]!.health).toEqual({ api: 'http://s.test/health' })
})

it('refuses other shapes by name', async () => {
  expect(
    await inStaging(
      'version: { json_path: a }',
      'health: { API: http://x.test, api: x }',
      'env: { 1X: a }',
      'approval: yes',
      'variables: { A: { min_length: -1, required: maybe } }',
    ),
  ).toEqual([
    '4: environments.staging.version must have either url or path',
    '5: environments.staging.health.API must be lower-case, such as api',
    '5: environments.staging.health.api must be a path beginning with "/" or an http or https URL, got "x"',
    expect.stringMatching(/^6: environments\.staging\.env\.1X must be a variable name/),
    '7: environments.staging.approval must be one of required, none, got "yes"',
    '8: environments.staging.variables.A.required must be true or false, got "maybe"',
    '8: environments.staging.variables.A.min_length must be at least 0, got -1',
  ])
  expect(await problemsOf(directory(), 'project: a/b\nenvironments: { Prod: {} }\n')).toEqual([
    expect.stringMatching(/^gonogo\.yaml:1: project must be letters.*, got "a\/b"$/),
    expect.stringMatching(/^gonogo\.yaml:2: environments\.Prod is not a usable name: lower-case/),
  ])
})

it('shows no control characters of the file', async () => {
  const lines = await atTop('"evil\\u202e\\u001b[31mkey": 1', 'pipeline: "\\u202elocal"')
  expect(lines).toEqual([
    '1: evilkey is not a known key',
    '2: pipeline must be one of local, github, got "local", did you mean "local"?',
  ])
})
