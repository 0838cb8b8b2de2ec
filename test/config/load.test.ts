import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256Prefix } from './hash.ts'
import { adminToken } from '../support/held.ts'
import { smokeStep, smokeSuites } from '../support/fake-project.ts'
import { load, put, refused, useDirectories } from './directory.ts'

const directory = useDirectories()
const minimal = 'project: shop\nenvironments:\n  staging: {}\n  production: {}\n'

describe('with a file', () => {
  it('fills in every default', async () => {
    const root = directory()
    const file = put(root, 'gonogo.yaml', minimal)
    const { project } = await load(root)
    const state = `/home/someone/.local/state/gonogo/shop-${sha256Prefix(root)}`
    expect(project).toMatchObject({
      name: 'shop',
      repository: root,
      default_branch: null,
      state_directory: state,
      audit_log: `${state}/audit.jsonl`,
      pipeline: null,
      github: null,
      approvals: {
        mode: 'standard',
        signers_file: `${state}/approvers`,
        validity_minutes: 30,
        self_approval: 'auto',
      },
      evidence_hours: 24,
      tests: [],
      security: { thresholds: { critical: 0, high: 3 }, count: 'all', npm_registry: null },
      smoke: smokeSuites(),
      github_repository: null,
      config_file: file,
    })
    expect(project.environments.map(({ name, approval }) => [name, approval])).toEqual([
      ['staging', 'none'],
      ['production', 'required'],
    ])
    expect(project.environments[1]).toEqual({
      name: 'production',
      url: null,
      health: {},
      version: null,
      checks: {
        git_ref_valid: 'required',
        tests_passed: 'required',
        security_scan: 'required',
        migrations_safe: 'advisory',
        environment_config: 'advisory',
        docker_images: 'advisory',
        preflight: 'required',
        changes_reviewed: 'advisory',
        environment_protection: 'advisory',
        freeze_window: 'required',
        environment_lock: 'advisory',
        clock_skew: 'advisory',
      },
      approval: 'required',
      least_level: 'L0',
      approvers: {
        count: 1,
        people: [],
        self_approval: 'auto',
        validity_minutes: 30,
        reason: 'optional',
      },
      verify: 'off',
      variables: {},
      env: {},
      pass_env: [],
      env_file: null,
      local: null,
      github: { environment: 'production', workflow: null, job: null, inputs: {} },
    })
  })

  it('resolves paths against the file and URLs against the environment', async () => {
    const root = directory()
    put(
      root,
      'ops/gonogo.yaml',
      `
project: shop
repository: ..
state_directory: ~/state
approvals: { signers_file: ../signers }
smoke:
  basic: [{ name: up, path: / }]
environments:
  only:
    url: http://shop.test/app/
    health: { api: /health, redis: 'http://other.test/r' }
    version: { path: /version, json_path: commit.id }
    approval: none
    env_file: secrets.env
    variables: { DB: {}, PORT: { format: integer } }
    local:
      directory: ../run
      prepare: [{ name: install, run: [npm, ci] }]
`,
    )
    const { project } = await load(join(root, 'ops'))
    expect(project.repository).toBe(root)
    expect(project.state_directory).toBe('/home/someone/state')
    expect(project.approvals.signers_file).toBe(join(root, 'signers'))
    expect(project.environments[0]).toMatchObject({
      health: { api: 'http://shop.test/app/health', redis: 'http://other.test/r' },
      version: { url: 'http://shop.test/app/version', json_path: 'commit.id' },
      approval: 'none',
      verify: 'basic',
      env_file: join(root, 'ops/secrets.env'),
      variables: {
        DB: {
          required: true,
          min_length: 0,
          format: 'text',
          must_be: 'any',
          wildcard: 'auto',
          forbidden: [],
          in: 'any',
        },
        PORT: { format: 'integer' },
      },
      local: {
        directory: join(root, 'run'),
        prepare: [{ name: 'install', run: ['npm', 'ci'], directory: '.', timeout_seconds: 600 }],
        activate: [],
        keep_releases: 5,
      },
    })
    expect(project.smoke.basic[0]).toEqual(smokeStep('up', { path: '/' }))
  })

  it('keeps the order of the environments', async () => {
    const root = directory()
    put(root, 'gonogo.yml', 'project: p\nenvironments: { zeta: {}, beta: {}, alpha: {} }\n')
    const { project } = await load(root)
    expect(project.environments.map(({ name }) => name)).toEqual(['zeta', 'beta', 'alpha'])
  })

  it('lets environment variables win, paths relative to where they were typed', async () => {
    const root = directory()
    put(
      root,
      'gonogo.yaml',
      `project: shop
audit_log: ignored.jsonl
environments:
  staging: { url: 'http://old.test', health: { api: /h } }
  production: {}
`,
    )
    const cwd = directory()
    const { project } = await load(cwd, {
      directory: root,
      env: {
        STAGING_URL: 'http://new.test',
        PRODUCTION_URL: '  ',
        DEPLOYMENT_AUDIT_LOG: 'logs/audit.jsonl',
        GONOGO_STATE_DIR: 'state',
      },
    })
    expect(project.environments[0]!.url).toBe('http://new.test')
    expect(project.environments[0]!.health).toEqual({ api: 'http://new.test/h' })
    expect(project.environments[1]!.url).toBeNull()
    expect(project.audit_log).toBe(join(cwd, 'logs/audit.jsonl'))
    expect(project.state_directory).toBe(join(cwd, 'state'))
    expect(project.approvals.signers_file).toBe(join(cwd, 'state/approvers'))
  })

  it('names the variable when it is the culprit', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', minimal)
    const { message } = await refused(
      load(root, { env: { STAGING_URL: 'staging.test', GITHUB_REPOSITORY: 'shop' } }),
    )
    expect(message.split('\n')).toEqual([
      'STAGING_URL: environments.staging.url must be an http or https URL without user name and password, got "staging.test"',
      'GITHUB_REPOSITORY must be owner/name, got "shop"',
    ])
  })

  it('puts state under XDG_STATE_HOME, and ignores a relative one', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', minimal)
    const state = async (home: string) =>
      (await load(root, { env: { XDG_STATE_HOME: home } })).project.state_directory
    expect(await state('/var/xdg')).toBe(`/var/xdg/gonogo/shop-${sha256Prefix(root)}`)
    expect(await state('xdg')).toMatch(/^\/home\/someone\/\.local\/state\/gonogo\/shop-/)
  })
})

/** Enough for a project without a file. */
const someUrl = { STAGING_URL: 'http://staging.test' }

describe('finding the file', () => {
  it('goes up to the root of the repository and no further', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', minimal.replace('shop', 'outer'))
    mkdirSync(join(root, 'repo/.git'), { recursive: true })
    mkdirSync(join(root, 'repo/a/b'), { recursive: true })
    const outside = await load(join(root, 'repo/a/b'), { env: someUrl })
    expect(outside.project.name).toBe('repo')
    expect(outside.project.config_file).toBeNull()
    const file = put(root, 'repo/gonogo.yaml', minimal.replace('shop', 'inner'))
    const inside = await load(join(root, 'repo/a/b'))
    expect(inside.project).toMatchObject({ name: 'inner', config_file: file })
  })

  it('takes only the current directory where there is no repository', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', minimal)
    mkdirSync(join(root, 'below'))
    const { project } = await load(join(root, 'below'), { env: someUrl })
    expect(project.config_file).toBeNull()
  })

  it('prefers the given directory to GONOGO_PROJECT, and that to the current one', async () => {
    const [here, variable, given] = [directory(), directory(), directory()]
    put(here, 'gonogo.yaml', minimal.replace('shop', 'here'))
    put(variable, 'gonogo.yaml', minimal.replace('shop', 'variable'))
    put(given, 'gonogo.yaml', minimal.replace('shop', 'given'))
    const env = { GONOGO_PROJECT: variable }
    expect((await load(here)).project.name).toBe('here')
    expect((await load(here, { env })).project.name).toBe('variable')
    expect((await load(here, { env, directory: given })).project.name).toBe('given')
  })

  it('is one project whatever link leads to it', async () => {
    const root = directory()
    put(root, 'real/gonogo.yaml', minimal)
    symlinkSync(join(root, 'real'), join(root, 'link'))
    const [real, link] = [await load(root, { directory: 'real' }), await load(join(root, 'link'))]
    expect(link.project).toEqual(real.project)
    expect(real.project.config_file).toBe(join(realpathSync(root), 'real/gonogo.yaml'))
    expect((await load(root, { directory: 'link' })).project).toEqual(real.project)
  })

  it('refuses a current directory that says nothing: it is probably the wrong one', async () => {
    const root = directory()
    expect((await refused(load(root))).hint).toBe(`gonogo init --project ${root}`)
  })

  it('refuses two files, a missing directory, and a named directory that says nothing', async () => {
    const root = directory()
    const bare = await refused(load('/', { directory: root }))
    expect(bare.message).toContain(`${root} has no gonogo.yaml`)
    expect(bare.hint).toBe(`gonogo init --project ${root}`)
    put(root, 'gonogo.yml', minimal)
    put(root, 'gonogo.yaml', minimal)
    expect((await refused(load(root))).message).toBe(`${root} has both gonogo.yaml and gonogo.yml`)
    const missing = join(root, 'nowhere')
    expect((await refused(load(root, { directory: missing }))).message).toBe(
      `the project directory ${missing} cannot be read (ENOENT)`,
    )
  })
})

describe('without a file', () => {
  it('knows the default pair from variables', async () => {
    const root = directory()
    const { project } = await load('/', {
      directory: root,
      env: { STAGING_URL: 'http://s.test', GITHUB_REPOSITORY: 'acme/web-shop' },
    })
    expect(project).toMatchObject({
      name: 'web-shop',
      repository: root,
      pipeline: null,
      github_repository: 'acme/web-shop',
      config_file: null,
      environments: [
        { name: 'staging', url: 'http://s.test', approval: 'none', verify: 'off' },
        { name: 'production', url: null, approval: 'required', verify: 'off' },
      ],
    })
  })

  it('makes a usable name of any directory', async () => {
    const root = directory()
    mkdirSync(join(root, '.my shop (copy)'))
    expect((await load(join(root, '.my shop (copy)'), { env: someUrl })).project.name).toBe(
      'my-shop-copy-',
    )
    expect((await load(root, { env: someUrl })).project.name).toBe(basename(root))
  })

  it('still refuses two environments on one system', async () => {
    const { message, hint } = await refused(
      load(directory(), {
        env: { STAGING_URL: 'http://localhost', PRODUCTION_URL: 'http://127.0.0.1:80/' },
      }),
    )
    expect(message).toBe(
      'PRODUCTION_URL: environments.production.url must not share host and port (localhost:80) with staging',
    )
    expect(hint).toBe('correct these variables, then run: gonogo config show')
  })
})

it('hands secrets over beside the project, never inside', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', minimal)
  const loaded = await load(root, {
    env: { GITHUB_TOKEN: ' ghp_secret\n', DEPLOYMENT_ADMIN_TOKENS: ' first-token, ,second-token,' },
  })
  expect(loaded.secrets).toEqual({
    github_token: 'ghp_secret',
    admin_tokens: ['first-token', 'second-token'].map((token) =>
      adminToken(token, { weakness: expect.any(String) as string }),
    ),
    plain_tokens: ['first-token', 'second-token'],
  })
  expect(JSON.stringify(loaded.project)).not.toMatch(/ghp_secret|-token/)
  expect((await load(root)).secrets).toEqual({
    github_token: null,
    admin_tokens: [],
    plain_tokens: [],
  })
})

it('refuses a list of approval tokens it cannot read, and quotes nothing of it', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', minimal)
  const tokens = `fine-one,ops:sha256:${'ab'.repeat(31)},ci:sha256:${'cd'.repeat(32)}:soon`
  const { code, message } = await refused(load(root, { env: { DEPLOYMENT_ADMIN_TOKENS: tokens } }))
  expect(code).toBe('invalid_configuration')
  expect(message).toContain('DEPLOYMENT_ADMIN_TOKENS: entry 2 is not name:sha256:<64 hex digits>')
  expect(message).toContain('DEPLOYMENT_ADMIN_TOKENS: entry 3 expires at no date')
  expect(message).not.toMatch(/fine-one|ops|abab|cdcd|soon/)
})
