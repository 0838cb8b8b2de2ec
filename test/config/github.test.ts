import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { policyText } from '../../src/config/policy.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()

const yaml = (...lines: string[]) =>
  [
    'project: p',
    'pipeline: github',
    ...lines,
    'environments: { staging: {}, production: {} }',
  ].join('\n')

async function loaded(text: string, env: Record<string, string> = {}) {
  const root = directory()
  put(root, 'gonogo.yaml', text)
  return { root, ...(await load(root, { env })) }
}

describe('pipeline: github', () => {
  it('needs no section: every key has a default', async () => {
    const { project } = await loaded(yaml())
    expect(project).toMatchObject({
      pipeline: 'github',
      github: {
        repository: null,
        api_url: 'https://api.github.com',
        workflow: 'cd.yml',
        ref: null,
        token_command: null,
        app: null,
        inputs: {},
        approval_job: 'approval',
        tests: { suites: [], wait_seconds: 0 },
      },
    })
    expect(project.environments[1]!.github).toEqual({
      environment: 'production',
      workflow: null,
      job: null,
      inputs: {},
    })
  })

  it('reads everything that is there', async () => {
    const { root, project } = await loaded(`project: p
pipeline: github
github:
  repository: acme/shop
  api_url: https://git.acme.test/api/v3/
  workflow: deploy.yaml
  ref: main
  app: { id: '12', installation_id: '34', private_key_file: app.pem }
  inputs: { what: 'v{{version}} to {{ environment }}' }
  approval_job: gate
  lock: required
  tests:
    wait_seconds: 120
    suites:
      - { name: backend, workflow: backend.yml, job: unit, junit_artifact: results }
      - { name: frontend, workflow: frontend.yml, counts_check: Frontend results }
environments:
  staging: {}
  production: { github: { environment: Production EU, workflow: eu.yml, job: ship, inputs: { x: y } } }
`)
    expect(project.github).toEqual({
      repository: 'acme/shop',
      api_url: 'https://git.acme.test/api/v3',
      workflow: 'deploy.yaml',
      ref: 'main',
      token_command: null,
      app: { id: '12', installation_id: '34', private_key_file: join(root, 'app.pem') },
      inputs: { what: 'v{{version}} to {{ environment }}' },
      approval_job: 'gate',
      lock: 'required',
      tests: {
        suites: [
          {
            name: 'backend',
            workflow: 'backend.yml',
            job: 'unit',
            junit_artifact: 'results',
            counts_check: null,
          },
          {
            name: 'frontend',
            workflow: 'frontend.yml',
            job: null,
            junit_artifact: null,
            counts_check: 'Frontend results',
          },
        ],
        wait_seconds: 120,
      },
    })
    expect(project.environments[1]!.github).toEqual({
      environment: 'Production EU',
      workflow: 'eu.yml',
      job: 'ship',
      inputs: { x: 'y' },
    })
  })

  it('takes the repository from GITHUB_REPOSITORY only where the file names none', async () => {
    const env = { GITHUB_REPOSITORY: 'acme/other' }
    const named = await loaded(yaml('github: { repository: acme/shop }'), env)
    expect(named.project.github?.repository).toBe('acme/shop')
    const open = await loaded(yaml(), env)
    expect(open.project.github?.repository).toBe('acme/other')
    expect(open.project.github_repository).toBe('acme/other')
  })

  it('the repository is part of the policy, wherever it was named', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', yaml())
    const policy = async (env: Record<string, string>) =>
      policyText((await load(root, { env })).project)
    expect(await policy({ GITHUB_REPOSITORY: 'acme/shop' })).not.toBe(
      await policy({ GITHUB_REPOSITORY: 'acme/other' }),
    )
    expect(await policy({ GITHUB_API_URL: 'https://git.acme.test/api/v3' })).not.toBe(
      await policy({}),
    )
  })

  it('GITHUB_API_URL wins over the file, and is told when it is the culprit', async () => {
    const env = { GITHUB_API_URL: 'http://127.0.0.1:4000' }
    const { project } = await loaded(yaml('github: { api_url: https://a.test/api/v3 }'), env)
    expect(project.github?.api_url).toBe('http://127.0.0.1:4000')
    const root = directory()
    put(root, 'gonogo.yaml', yaml())
    await expect(load(root, { env: { GITHUB_API_URL: 'http://git.test' } })).rejects.toThrow(
      'GITHUB_API_URL: github.api_url must be https: a token would travel in the clear, got "http://git.test"',
    )
  })

  it('GITHUB_API_URL, which GitHub sets for every job, is nothing to other pipelines', async () => {
    const text = 'project: p\npipeline: local\nenvironments: { staging: {} }\n'
    const { project } = await loaded(text, { GITHUB_API_URL: 'https://api.github.com' })
    expect(project.github).toBeNull()
  })
})

describe('without a file', () => {
  const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 'ghp_secret' }

  it('a repository and a token are enough to deploy', async () => {
    const { project, secrets } = await load(directory(), {
      env: { ...env, STAGING_URL: 'http://s.test' },
    })
    expect(project).toMatchObject({
      name: 'shop',
      pipeline: 'github',
      github: { repository: 'acme/shop', workflow: 'cd.yml' },
    })
    expect(project.environments.map(({ name, url }) => [name, url])).toEqual([
      ['staging', 'http://s.test'],
      ['production', null],
    ])
    expect(secrets.github_token).toBe('ghp_secret')
    expect(JSON.stringify(project)).not.toContain('ghp_secret')
  })

  it('without a token it is only observed', async () => {
    const { project } = await load(directory(), { env: { GITHUB_REPOSITORY: 'acme/shop' } })
    expect(project).toMatchObject({ pipeline: null, github: null })
  })
})

describe('problems', () => {
  it.each([
    ['api_url: http://git.test/api/v3', /api_url must be https: a token would travel in the clear/],
    ['api_url: https://github.com', /api_url must be https:\/\/api.github.com, .* got "https/],
    ['api_url: https://git.test', /api_url must be .* or https:\/\/HOST\/api\/v3, got/],
    ['api_url: https://me:pw@git.test/api/v3', /must have no user name, password[^,]*, query.*t$/],
    ['workflow: .github/workflows/cd.yml', /workflow must be the name of a file in/],
    ['workflow: ../x.yml', /workflow must be the name of a file in/],
    ['ref: refs/heads/main', /ref must be the name of a branch/],
    ['repository: https://github.com/acme/shop', /repository must be owner\/name/],
    [
      'app: { id: 12, installation_id: "1", private_key_file: k }',
      /app\.id must be the number or client id of the App, in quotes, got 12/,
    ],
    ["inputs: { 'a b': x }", /inputs\.a b must be the name of an input/],
    ['inputs: { a: 5 }', /inputs\.a must be text: put the value in quotes/],
    [
      "inputs: { a: '{{verison}}' }",
      /inputs\.a inserts \{\{verison\}\}, and there are only environment, version, sha, /,
    ],
    [
      'token_command: [gh, auth, token], app: { id: "1", installation_id: "1", private_key_file: k }',
      /github\.token_command must not be there together with github\.app/,
    ],
  ])('%s', async (section, expected) => {
    const lines = await problemsOf(directory(), yaml(`github: { ${section} }`))
    expect(lines).toEqual([expect.stringMatching(expected)])
    expect(lines[0]).toMatch(/^gonogo\.yaml:3: github\./)
    expect(lines[0]).not.toContain('pw')
  })

  it.each(['', 'pipeline: local\n'])('sections that %j leaves unread', async (pipeline) => {
    const text = `project: p\n${pipeline}github: {}\nenvironments: { a: { github: { job: x } } }\n`
    expect(await problemsOf(directory(), text)).toEqual([
      expect.stringMatching(/: github is for pipeline: github, which is not set$/),
      expect.stringMatching(/: environments\.a\.github is for pipeline: github, /),
    ])
  })

  it('suites beside commands, of which nobody would look at one, and names used twice', async () => {
    const suite = '{ name: backend, workflow: backend.yml }'
    const github = `github: { tests: { suites: [${suite}, ${suite}] } }`
    const lines = await problemsOf(directory(), yaml(`${github}\ntests: [{ name: u, run: [x] }]`))
    expect(lines).toEqual([
      expect.stringContaining('github.tests.suites[1].name is used twice'),
      expect.stringContaining('github.tests.suites'),
    ])
    expect(lines.join()).toContain('must not be there together with tests')
  })

  it('two environments that are one on GitHub', async () => {
    const text = `project: p
pipeline: github
environments:
  staging: { github: { environment: Production } }
  production: {}
`
    expect(await problemsOf(directory(), text)).toEqual([
      'gonogo.yaml:5: environments.production.github.environment must not be the GitHub environment of staging: "production"',
    ])
  })
})
