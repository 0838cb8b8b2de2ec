import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { configSchemaText } from '../../src/config/json-schema.ts'
import { loadProject } from '../../src/config/load.ts'
import { connect } from '../../src/wiring.ts'
import { put, useDirectories } from '../config/directory.ts'
import { sha256Prefix } from '../config/hash.ts'
import type { AnyJson } from '../support/any-json.ts'

const directory = useDirectories()

/** Runs `gonogo config ...` in a directory, without a terminal and without the user's home. */
async function config(cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    version: '0',
    cwd,
    env: { HOME: '/home/someone', ...env },
    out,
    err,
    input: new PassThrough(),
    interrupted: new AbortController().signal,
  } as unknown as Surface
  const exit = await runCli(['config', ...args], surface)
  const [stdout, stderr] = [out, err].map((stream) => String(stream.read() ?? ''))
  return { exit, stdout: stdout!, stderr: stderr!, json: () => JSON.parse(stdout!) as AnyJson }
}

const shop = `project: shop
repository: .
pipeline: local
tests:
  - { name: unit, run: [npm, test] }
smoke:
  basic:
    - name: answers
      path: /ping?token=s3cret-1&next={{env.NEXT}}
      headers: { authorization: "Bearer s3cret-2 {{env.NEXT}}" }
      body: { password: s3cret-3 }
      expect: { status: 204, headers: { x-key: s3cret-4 }, json: { items.0.id: s3cret-5 } }
      capture: { id: items.0.id }
environments:
  staging:
    url: http://staging.test/app/?key=s3cret-6
    health: { api: /health, redis: "http://redis.test/?auth=s3cret-7" }
    version: { path: /version, json_path: commit }
    variables: { DATABASE_URL: { forbidden: [s3cret-8] } }
    env: { GREETING: s3cret-9 }
    pass_env: [NEXT]
    local:
      directory: ../run/staging
      prepare:
        - name: install
          run: [fetch, --token, s3cret-a, "API_KEY=s3cret-b", "https://me:s3cret-c@x.test"]
      activate:
        - { name: call, run: [sh, -c, "curl -H 'Authorization: Bearer s3cret-d' x.test"] }
  production:
    url: http://production.test
    env_file: secrets.env
`

const onGitHub = `project: shop
pipeline: github
environments: { staging: { github: { inputs: { a: b } } }, production: {} }`

/** The comment behind the line of each key: where its value came from. */
function commentsOf(yaml: string): Record<string, string> {
  const lines = yaml.split('\n').map((line) => /^ *(?:- )?(\S+):.* # (.*)$/.exec(line) ?? [])
  return Object.fromEntries(lines.map(([, key = '', comment = '']) => [key, comment]))
}

describe('config show', () => {
  it('is the effective configuration as YAML', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const { exit, stdout, stderr } = await config(root, ['show'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    const shown = parse(stdout) as AnyJson
    const { project } = await loadProject({ cwd: root, env: { HOME: '/home/someone' } })
    expect(shown).toMatchObject({
      project: 'shop',
      repository: root,
      default_branch: null,
      state_directory: project.state_directory,
      approvals: project.approvals,
      evidence_hours: 24,
      tests: project.tests,
      security: project.security,
    })
    expect(Object.keys(shown.environments)).toEqual(['staging', 'production'])
    expect(shown.environments.production).toEqual({
      ...project.environments[1],
      name: undefined,
      // Its defaults do nothing here, so they are not shown.
      github: undefined,
    })
    const { staging } = shown.environments
    expect(staging.local.directory).toBe(join(root, '../run/staging'))
    expect(staging.local.prepare.map(({ name }: AnyJson) => name)).toEqual(['install'])
    expect(staging.verify).toBe('basic')
  })

  it('says where each value came from', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const env = { PRODUCTION_URL: 'http://new.test', DEPLOYMENT_AUDIT_LOG: 'log.jsonl' }
    const { stdout } = await config(root, ['show'], env)
    expect(commentsOf(stdout)).toMatchObject({
      project: 'gonogo.yaml:1',
      default_branch: "default: the repository's HEAD branch",
      state_directory: 'from HOME',
      audit_log: 'DEPLOYMENT_AUDIT_LOG',
      signers_file: 'from state_directory',
      evidence_hours: 'default',
      status: 'gonogo.yaml:12',
    })
    const { values } = (await config(root, ['show', 'environments', '--json'], env)).json()
    expect(values['environments.production.url']).toEqual({
      value: 'http://new.test',
      source: { source: 'variable', name: 'PRODUCTION_URL' },
    })
    expect(values['environments.staging.health.api'].source).toEqual({
      source: 'derived',
      from: 'environments.staging.url',
      file: 'gonogo.yaml',
      line: 17,
    })
    expect(values['environments.staging.health.redis'].source.source).toBe('file')
    expect(values['environments.staging.version.url'].source).toMatchObject({ line: 18 })
    expect(values['environments.staging.verify'].source).toEqual({
      source: 'derived',
      from: 'smoke.basic',
    })
    expect(values['environments.staging.approval'].source).toEqual({ source: 'default' })
  })

  it('says where the settings of GitHub came from', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', onGitHub)
    const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_API_URL: 'https://api.acme.ghe.com/' }
    const { values } = (await config(root, ['show', '--json'], env)).json()
    expect(values).toMatchObject({
      'github.repository': {
        value: 'acme/shop',
        source: { source: 'variable', name: 'GITHUB_REPOSITORY' },
      },
      'github.api_url': {
        value: 'https://api.acme.ghe.com',
        source: { source: 'variable', name: 'GITHUB_API_URL' },
      },
      'github.workflow': { value: 'cd.yml', source: { source: 'default' } },
      'environments.production.github.environment': {
        value: 'production',
        source: { source: 'derived', from: 'the name of the environment' },
      },
      'environments.staging.github.inputs.a': { value: 'b', source: { line: 3 } },
    })
    const { stdout } = await config(root, ['explain', 'github.ref'])
    expect(stdout).toContain("the repository's default branch")
  })

  it('never shows what may be secret, and says that it is there', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const env = { GITHUB_TOKEN: 's3cret-e', DEPLOYMENT_ADMIN_TOKENS: 's3cret-f,s3cret-g' }
    const shown = await config(root, ['show'], env)
    const json = await config(root, ['show', '--json'], env)
    const keys = ['smoke.basic.headers', 'environments.env', 'environments.local.prepare.run']
    const explained = await Promise.all(
      keys.flatMap((key) => [
        config(root, ['explain', key], env),
        config(root, ['explain', key, '--json'], env),
      ]),
    )
    for (const { exit, stdout, stderr } of [shown, json, ...explained]) {
      expect(exit).toBe(0)
      expect(stdout + stderr).not.toContain('s3cret')
    }
    const { values, variables } = json.json()
    expect(values['environments.staging.env.GREETING'].redacted).toBe('(set, 8 characters)')
    expect(values['smoke.basic[0].headers.authorization'].redacted).toBe(
      '(set, 28 characters, inserts {{env.NEXT}})',
    )
    expect(values['smoke.basic[0].path'].value).toBe(
      '/ping?token=(set, 8 characters)&next={{env.NEXT}}',
    )
    expect(variables).toEqual({
      GITHUB_REPOSITORY: null,
      GITHUB_TOKEN: `sha256:${sha256Prefix('s3cret-e', 12)}`,
      DEPLOYMENT_ADMIN_TOKENS: [
        `sha256:${sha256Prefix('s3cret-f', 12)}`,
        `sha256:${sha256Prefix('s3cret-g', 12)}`,
      ],
    })
    expect(shown.stdout).toContain('2 set, approve as level L0')
  })

  it('shows no control characters, whoever put them into the file', async () => {
    const root = directory()
    const evil = '\\e[31m\\u202e'
    put(
      root,
      'gonogo.yaml',
      `project: p
environments: { a: {} }
tests: [{ name: t, run: [echo, "${evil}red"] }]
smoke: { basic: [{ name: s, path: /, expect: { json: { "${evil}key": 1 } } }] }
`,
    )
    for (const args of [['show'], ['show', '--json'], ['explain', 'tests.run']]) {
      const { exit, stdout } = await config(root, args)
      expect(exit).toBe(0)
      expect(stdout).toContain('red')
      for (const sign of ['\u001b', '\u202e', '\\u001b', '\\u202e', '\\e']) {
        expect(stdout).not.toContain(sign)
      }
    }
  })

  const gates = `project: p
pipeline: github
environments: { a: { github: { inputs: { x: '1' } } }, production: { env: { A: '1' } } }
github: { tests: { suites: [{ name: b, workflow: b.yml, job: t, junit_artifact: r, counts_check: c }] } }
images: [{ name: api, image: registry.test/acme/api }]
freeze:
  - { name: w, kind: weekly, days: [fri], from: '16:00', to: '17:00' }
custom_checks: [{ name: own, run: [npm, test] }]
approvals: { people: { ada: { signers: [ada], github: [ada-l], users: [ada] } } }
notifications:
  - { name: ops, kind: webhook, url_env: OPS_URL, secret_env: OPS_SECRET, hosts: [hooks.test] }
`

  it('has every key of the reference', async () => {
    const root = directory()
    const everything = shop.replace(
      'http://production.test',
      'http://production.test\n    local: { directory: ../p }',
    )
    const github = `github: { inputs: { a: '{{sha}}' }, app: { id: '1', installation_id: '2', private_key_file: k } }`
    const texts = [everything, `${onGitHub}\n${github}\n`, gates]
    const shown = await Promise.all(
      texts.map(async (text, index) => {
        put(root, `${index}/gonogo.yaml`, text)
        return (await config(join(root, `${index}`), ['show', '--json'])).json().values
      }),
    )
    const paths = shown.flatMap((values) => Object.keys(values))
    const docs = readFileSync(join(import.meta.dirname, '../../docs/config.md'), 'utf8')
    const rows = Array.from(docs.matchAll(/^\| `([a-z][^`]*)` \| (.*?) \|/gm))
    const missing = rows.filter(([, key = '', type = '']) => {
      // The path of a version is shown as the URL it stands for.
      if (/mapping|list as/.test(type) || key.endsWith('version.path')) return false
      // A list of holidays is shown as the days in it.
      if (key === 'freeze[].file') return false
      // A step has the keys of its kind, and a block is shown as the steps it stands for.
      if (/^smoke\.\w+\[\]\./.test(key)) return false
      const pattern = key
        .replaceAll('[]', '[0]')
        .replaceAll(/[.[\]]/g, '\\$&')
        .replaceAll('<name>', '\\w+')
      return !paths.some((path) => new RegExp(`^${pattern}$`).test(path))
    })
    expect(rows.length).toBeGreaterThan(60)
    expect(missing.map(([, key]) => key)).toEqual([])
  })

  it('ends with the policy hash that plans carry, and the files', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const env = { HOME: root }
    const shutdown = new AbortController().signal
    const context = await connect({
      cwd: root,
      env,
      readOnly: true,
      terminal: false,
      command: [],
      shutdown,
    })
    await context.store.close()
    const data = (await config(root, ['show', '--json'], env)).json()
    expect(data).toMatchObject({
      schema_version: 1,
      policy_hash: context.policyHash,
      config_file: join(root, 'gonogo.yaml'),
      state_directory: context.project.state_directory,
      audit_log: context.project.audit_log,
      signers_file: context.project.approvals.signers_file,
    })
    const derived = { source: 'derived', from: 'state_directory' }
    expect(data.values.audit_log.source).toEqual(derived)
    expect(data.values['approvals.signers_file'].source).toEqual(derived)
    const { stdout } = await config(root, ['show'], env)
    expect(stdout).toMatch(new RegExp(`^# policy +${context.policyHash}$`, 'm'))
  })

  it.each([
    [
      'environments.production.url',
      { environments: { production: { url: 'http://production.test' } } },
    ],
    ['tests[0].name', { tests: [{ name: 'unit' }] }],
    ['tests.0.name', { tests: [{ name: 'unit' }] }],
    ['environments.production.local.directory', { environments: { production: { local: null } } }],
    [
      'smoke.basic[0].expect.json',
      { smoke: { basic: [{ expect: { json: { 'items.0.id': '(set, 8 characters)' } } }] } },
    ],
  ])('of %s is only that', async (key, expected) => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const { exit, stdout } = await config(root, ['show', key])
    expect(exit).toBe(0)
    expect(parse(stdout)).toEqual(expected)
  })

  it.each([
    ['environments.stagin', 'environments has no "stagin", did you mean staging?', 'environments'],
    ['aprovals.mode', 'the configuration has no "aprovals", did you mean approvals?', ''],
    ['approvals.mode.x', 'approvals.mode has no "x"', 'approvals.mode'],
    ['tests[4].run', 'tests[4].run is not set', 'tests.run'],
    ['', 'the configuration has no ""', ''],
  ])('refuses %j', async (key, message, next) => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const { exit, stdout, stderr } = await config(root, ['show', key])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain(`next: gonogo config explain ${next}`.trimEnd())
  })

  it('fails with every problem of a broken file, like everything else', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', 'projct: x\nevidence_hours: -1\nenvironments: { a: {} }\n')
    const { exit, stdout, stderr } = await config(root, ['show'])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain('gonogo.yaml:1: project is missing')
    expect(stderr).toContain('gonogo.yaml:1: projct is not a known key, did you mean "project"?')
    expect(stderr).toContain('gonogo.yaml:2: evidence_hours must be more than 0, got -1')
    expect(stderr).toContain('next: correct gonogo.yaml, then run: gonogo config show')
  })

  it('shows what variables alone say', async () => {
    const root = directory()
    const env = { GITHUB_REPOSITORY: 'acme/web', STAGING_URL: 'http://s.test' }
    const { values, config_file } = (
      await config(root, ['show', '--json', '--project', root], env)
    ).json()
    expect(config_file).toBeNull()
    expect(values.project).toEqual({
      value: 'web',
      source: { source: 'variable', name: 'GITHUB_REPOSITORY' },
    })
    expect(values['environments.staging.url'].source.name).toBe('STAGING_URL')
  })
})

describe('config explain', () => {
  it('names the sections', async () => {
    const { exit, stdout } = await config(directory(), ['explain'])
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^ {2}project\* +Name of the project/m)
    expect(stdout).toMatch(/^ {2}approvals +Who may approve/m)
  })

  it('tells meaning, allowed values, default, and what holds now and why', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const { exit, stdout } = await config(root, ['explain', 'environments.verify'])
    expect(exit).toBe(0)
    expect(stdout).toContain('environments.<name>.verify\n  Smoke suite that decides')
    expect(stdout).toContain('one of basic, full, off')
    expect(stdout).toContain('default   basic when smoke.basic has steps, else off')
    expect(stdout).toContain('environments.production.verify = "basic"  # from smoke.basic')
  })

  it.each([
    ['environments.staging.local.prepare[0].run', 'environments.<name>.local.prepare[].run', 1],
    ['environments.<name>.local.directory', 'environments.<name>.local.directory', 1],
    ['environments.*.url', 'environments.<name>.url', 2],
    ['tests.run', 'tests[].run', 1],
    ['environments.health.redis', 'environments.<name>.health.<name>', 1],
    ['smoke.basic.expect.json.items.0.id', 'smoke.basic[].expect.json.<name>', 1],
  ])('understands %s', async (typed, key, values) => {
    const root = directory()
    put(root, 'gonogo.yaml', shop)
    const data = (await config(root, ['explain', typed, '--json'])).json()
    expect(data).toMatchObject({ schema_version: 1, key, problem: null })
    expect(data.description).not.toBe('')
    expect(data.current).toHaveLength(values)
  })

  it('lists the keys below a section', async () => {
    const { stdout } = await config(directory(), ['explain', 'tests'])
    for (const key of ['name*', 'run*', 'directory', 'timeout_seconds']) {
      expect(stdout).toMatch(new RegExp(`^  ${key.replace('*', '\\*')} +\\S`, 'm'))
    }
  })

  it('works without a project, and says that there is none', async () => {
    const root = directory()
    const { exit, stdout } = await config(root, ['explain', 'evidence_hours'])
    expect(exit).toBe(0)
    expect(stdout).toContain('default   24')
    expect(stdout).toContain(`not known: ${root} has no gonogo.yaml`)
    expect(stdout).toContain(`gonogo init --project ${root}`)
  })

  it('works with a broken file, and says that it is broken', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', 'projct: x\n')
    const { exit, stdout } = await config(root, ['explain', 'approvals.mode'])
    expect(exit).toBe(0)
    expect(stdout).toContain('one of standard, strict')
    expect(stdout).toContain('not known: gonogo.yaml:1: project is missing (and 2 more)')
    expect(stdout).toContain('gonogo config show')
  })

  it('suggests the key that was meant, without a project, too', async () => {
    const { exit, stderr } = await config(directory(), ['explain', 'approvals.mod'])
    expect(exit).toBe(2)
    expect(stderr).toContain('approvals has no "mod", did you mean mode?')
    expect(stderr).toContain('next: gonogo config explain approvals')
  })

  it('explains environment variables, and never shows their value', async () => {
    const env = { GITHUB_TOKEN: 's3cret' }
    const { exit, stdout } = await config(directory(), ['explain', 'GITHUB_TOKEN'], env)
    expect(exit).toBe(0)
    expect(stdout).toMatch(/never approves anything[^]*now +set/)
    expect(stdout).not.toContain('s3cret')
  })
})

describe('config schema', () => {
  it('prints the schema', async () => {
    const { exit, stdout } = await config(directory(), ['schema'])
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: configSchemaText() })
    const data = (await config(directory(), ['schema', '--json'])).json()
    expect(data).toEqual({ schema_version: 1, schema: JSON.parse(configSchemaText()) as unknown })
  })

  it('puts it beside the file, also beside a broken one, and tells how editors find it', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', 'projct: x\n')
    const outside = put(directory(), 'elsewhere', 'mine')
    symlinkSync(outside, join(root, 'gonogo.schema.json'))
    const file = join(root, 'gonogo.schema.json')
    const { exit, stdout, stderr } = await config(root, ['schema', '--write'])
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: `wrote ${file}\n` })
    expect(stderr).toContain('\n# yaml-language-server: $schema=gonogo.schema.json\n')
    expect(readFileSync(file, 'utf8')).toBe(configSchemaText())
    expect(readFileSync(outside, 'utf8')).toBe('mine')
    expect(readdirSync(root).toSorted()).toEqual(['gonogo.schema.json', 'gonogo.yaml'])
    put(root, 'gonogo.yaml', '# yaml-language-server: $schema=gonogo.schema.json\nproject: x\n')
    const again = await config(root, ['schema', '--write'])
    expect(again).toMatchObject({ exit: 0, stdout: `${file} is up to date\n`, stderr: '' })
  })

  it('has no place to be without a project', async () => {
    const root = directory()
    const { exit, stderr } = await config(root, ['schema', '--write'])
    expect(exit).toBe(2)
    expect(stderr).toContain(`gonogo init --project ${root}`)
    expect(readdirSync(root)).toEqual([])
  })
})
