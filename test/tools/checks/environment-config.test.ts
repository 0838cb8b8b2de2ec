import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createVariables } from '../../../src/adapters/variables/variables.ts'
import type { Check } from '../../../src/core/check.ts'
import type { Environment, VariableRule } from '../../../src/core/project.ts'
import { environmentConfig } from '../../../src/tools/checks/environment-config.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject, variableRule } from '../../support/fake-project.ts'
import { hubEnvironment, openGitHub, resetSettings, type GitHubBench } from './on-github.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-variables-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

type Rules = Record<string, Partial<VariableRule>>

function ruled(rules: Rules): Record<string, VariableRule> {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, variableRule(rule)]))
}

const requiring = (what: 'required' | 'advisory'): Pick<Environment, 'checks'> => ({
  checks: { ...fakeEnvironment('x').checks, environment_config: what },
})

/** Real files; a text that is missing is a file that is missing. */
async function local(
  rules: Rules,
  texts: { production?: string; staging?: string },
  changes: { production?: Partial<Environment>; staging?: Partial<Environment> } = {},
  target = 'production',
): Promise<Check> {
  const files = { production: 'production.env', staging: 'staging.env' } as const
  const made = await Promise.all(
    (['staging', 'production'] as const).map(async (name) => {
      const env_file = join(directory, files[name])
      await rm(env_file, { force: true })
      const text = texts[name]
      if (text !== undefined) await writeFile(env_file, text)
      const own = target === name ? ruled(rules) : {}
      return fakeEnvironment(name, { variables: own, env_file, ...changes[name] })
    }),
  )
  const variables = createVariables({ env: { FROM_HERE: 'here' } })
  const { call } = makeWorld({ project: fakeProject({ environments: made }), variables })
  const environment = made.find(({ name }) => name === target)!
  const subject = { environment } as Parameters<typeof environmentConfig.run>[0]
  return await environmentConfig.run(subject, call, new AbortController().signal)
}

/** The same names in both, so that only the rule speaks. */
const same = async (rules: Rules, text: string, target?: string) =>
  await local(rules, { production: text, staging: text }, {}, target)

describe('environment_config on this machine', () => {
  it('passes when every value is as it must be', async () => {
    const rules: Rules = {
      SESSION_SECRET: { min_length: 20, forbidden: ['changeme'] },
      PORT: { format: 'integer' },
      API_URL: { format: 'url' },
      DEBUG: { must_be: 'off' },
      FEATURE_X: { format: 'boolean' },
      ORIGINS: { format: 'origins' },
      FROM_HERE: {},
      OPTIONAL: { required: false, format: 'url' },
    }
    const text = `SESSION_SECRET=w8Jq2v0rT5zK1mXc9LbP
PORT=8080
API_URL=https://api.example.com
DEBUG=False
FEATURE_X=yes
ORIGINS=https://a.example.com, https://*.b.example.com:8443
`
    const pass_env = ['FROM_HERE']
    const texts = { production: text, staging: text }
    const result = await local(rules, texts, { production: { pass_env }, staging: { pass_env } })
    expect(result).toMatchObject({
      status: 'passed',
      ran: true,
      message: '8 variable(s) have the right shape',
    })
    expect(JSON.stringify(result)).not.toContain('w8Jq2v0rT5zK1mXc9LbP')
  })

  it.each<[Partial<VariableRule>, string, string]>([
    [{}, '', 'A is not set'],
    [{ min_length: 10 }, 'hunter2', 'A is shorter than 10 characters'],
    [{ forbidden: ['hunter2'] }, 'hunter2', 'A still has a default value'],
    [{ format: 'integer' }, 'hunter2', 'A is not a whole number'],
    [{ format: 'url' }, 'hunter2', 'A is not a URL'],
    [{ format: 'boolean' }, 'hunter2', 'A is neither on nor off'],
    [{ must_be: 'off' }, 'hunter2', 'A must be off here (false, 0, off, no)'],
    [{ must_be: 'off' }, 'TRUE', 'A must be off here'],
    [{ must_be: 'on' }, 'no', 'A must be on here'],
    [{ format: 'origins' }, 'hunter2', 'A is not a list of origins'],
    [{ format: 'origins' }, 'https://hunter2/path', 'A is not a list of origins'],
    [{ format: 'origins' }, 'https://a.test,*', 'A lets every origin in (*): name the origins'],
    [{ format: 'origins' }, 'https://*', 'A lets every origin in (*): name the origins'],
  ])('fails with %j where the value is %j', async (rule, value, message) => {
    const result = await same({ A: rule }, `A=${value}\n`)
    expect(result).toMatchObject({ status: 'failed', ran: true })
    expect(result.message).toContain(message)
    expect(result.message).toContain('correct env, env_file or pass_env of environments.production')
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('lets a list of origins be * before production, or where a rule allows it', async () => {
    const staging = await same({ A: { format: 'origins' } }, 'A=*', 'staging')
    expect(staging.status).toBe('passed')
    const refused = await same({ A: { format: 'origins', wildcard: 'refused' } }, 'A=*', 'staging')
    expect(refused.status).toBe('failed')
    const allowed = await same({ A: { format: 'origins', wildcard: 'allowed' } }, 'A=*')
    expect(allowed.status).toBe('passed')
  })

  it.each([
    ['API_TOKEN', 'Change-Me'],
    ['DB_PASSWORD', 'password'],
    ['SECRET_KEY', 'django-insecure-abcdefghijkl'],
    ['DATABASE_URL', 'postgres://app:postgres@db/app'],
  ])('warns of a %s that everybody knows, without showing it', async (name, value) => {
    const result = await same({ [name]: {} }, `${name}=${value}\n`)
    expect(result).toMatchObject({
      status: 'warning',
      ran: true,
      message: `${name} has a value that everybody knows: make a new one`,
    })
    expect(JSON.stringify(result)).not.toContain(value)
  })

  it('leaves the same word alone where no secret is meant', async () => {
    expect((await same({ DB_USER: {} }, 'DB_USER=admin\n')).status).toBe('passed')
    expect((await same({ PUBLIC_KEY: {} }, 'PUBLIC_KEY=example\n')).status).toBe('passed')
  })

  it('warns of names that only one of staging and production has, both ways', async () => {
    const texts = { production: 'A=1\nONLY_P=1\n', staging: 'A=1\nONLY_S=1\n' }
    const pass_env = ['FROM_THERE']
    const result = await local({ A: {} }, texts, { staging: { pass_env, env: { LITERAL: '1' } } })
    expect(result).toMatchObject({
      status: 'warning',
      ran: true,
      message:
        'only staging has FROM_THERE, LITERAL, ONLY_S; only production has ONLY_P: set them in both, or declare them with required: false where they are not needed',
    })
    expect(result.details['drift']).toHaveLength(4)
    const excused = { variables: ruled({ A: {}, ONLY_S: { required: false } }) }
    const staging = { variables: ruled({ ONLY_P: { required: false } }) }
    const known = await local({}, texts, { production: excused, staging })
    expect(known.status).toBe('passed')
  })

  it('skips without rules, and without a difference', async () => {
    expect(await same({}, 'A=1\n')).toMatchObject({
      status: 'skipped',
      ran: false,
      message: 'no variables are declared for production',
    })
    expect((await local({}, { production: '', staging: 'A=1\n' })).status).toBe('warning')
  })

  it('could not run without the file, and says which key names it', async () => {
    const production = requiring('required')
    const result = await local({ A: {} }, { staging: 'A=1\n' }, { production })
    expect(result).toMatchObject({ status: 'failed', ran: false })
    expect(result.message).toContain('environments.production.env_file')
    expect(result.message).toContain('ENOENT')
  })

  it('warns when the names beside it cannot be read', async () => {
    expect(await local({ A: {} }, { production: 'A=1\n' })).toMatchObject({
      status: 'warning',
      ran: true,
      message: expect.stringMatching(
        /^not all names could be compared: environments.staging.env_file/,
      ),
    })
  })
})

describe('environment_config on GitHub', () => {
  let bench: GitHubBench

  beforeAll(async () => {
    bench = await openGitHub()
  })
  afterAll(async () => {
    const { violations } = bench.hub
    await bench.close()
    expect(violations).toEqual([])
  })
  beforeEach(() => resetSettings(bench.hub))

  interface Held {
    secrets?: string[]
    variables?: string[]
  }

  async function check(
    rules: Rules,
    production: Held,
    staging: Held = production,
    more: object = {},
  ) {
    const { environments } = bench.hub.settings
    environments.set('staging', hubEnvironment(staging))
    environments.set('production', hubEnvironment(production))
    const changes = { variables: ruled(rules), ...more }
    return await bench.ask(environmentConfig, { production: changes })
  }

  it('passes for what is there, and claims nothing about the values of secrets', async () => {
    const held = { secrets: ['SESSION_SECRET'], variables: ['PORT=8080', 'DEBUG=0'] }
    const rules: Rules = {
      SESSION_SECRET: { in: 'secret', min_length: 99 },
      PORT: { format: 'integer', in: 'variable' },
      debug: { must_be: 'off' },
    }
    expect(await check(rules, held)).toMatchObject({
      status: 'passed',
      ran: true,
      message:
        '3 variable(s) are there; the values of 1 secret(s) cannot be read, and were not checked',
      details: { values_not_checked: ['SESSION_SECRET'] },
    })
  })

  it('counts what the repository and the organization give', async () => {
    Object.assign(bench.hub.settings, {
      secrets: ['REPO_SECRET'],
      variables: { LEVEL: 'loud', REPO_VARIABLE: 'x' },
      organizationSecrets: ['ORG_SECRET'],
      organizationVariables: { ORG_VARIABLE: 'x' },
    })
    const rules: Rules = {
      REPO_SECRET: {},
      REPO_VARIABLE: {},
      ORG_SECRET: {},
      ORG_VARIABLE: {},
      LEVEL: { forbidden: ['loud'] },
    }
    // The narrower place wins: what the repository says of LEVEL does not hold here.
    const result = await check(rules, { variables: ['LEVEL=quiet'] })
    expect(result).toMatchObject({ status: 'passed' })
    expect((await check(rules, {})).message).toContain('LEVEL still has a default value')
  })

  it.each<[string, Rules, Held, string]>([
    ['a name is missing', { A: {} }, {}, 'A is not set on GitHub'],
    [
      'a value is wrong',
      { A: { must_be: 'off' } },
      { variables: ['A=true'] },
      'A must be off here',
    ],
    [
      'a secret is a variable',
      { A: { in: 'secret' } },
      { variables: ['A=1'] },
      'A is a variable and must be a secret',
    ],
    [
      'a variable is a secret',
      { A: { in: 'variable' } },
      { secrets: ['A'] },
      'A is a secret and must be a variable',
    ],
  ])('fails when %s, and says where to mend it', async (_, rules, held, message) => {
    const result = await check(rules, held)
    expect(result).toMatchObject({ status: 'failed', ran: true })
    expect(result.message).toBe(`${message}${result.message.slice(message.length)}`)
    expect(result.message).toContain('correct them on GitHub: Settings, Environments')
  })

  it('warns of a secret that is a variable', async () => {
    const held = { variables: ['API_TOKEN=w8Jq2v0rT5zK1mXc9LbP'] }
    const result = await check({ API_TOKEN: {} }, held)
    expect(result).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('make it a secret, or say in: variable'),
    })
    expect(JSON.stringify(result)).not.toContain('w8Jq2v0rT5zK1mXc9LbP')
    expect((await check({ API_TOKEN: { in: 'variable' } }, held)).status).toBe('passed')
  })

  it('looks at both sources: what is meant for gonogo itself is in its own file', async () => {
    const env_file = join(directory, 'smoke.env')
    await writeFile(env_file, 'SMOKE_PASSWORD=short\nA=1\n')
    const rules: Rules = { SMOKE_PASSWORD: { in: 'local', min_length: 12 }, A: {} }
    const result = await check(rules, {}, {}, { env_file })
    expect(result.message).toMatch(
      /^SMOKE_PASSWORD is shorter than 12 characters; A is in gonogo's own variables and must be on GitHub: correct env, .* or correct them on GitHub/,
    )
  })

  it('warns of names that one environment lacks, by kind', async () => {
    bench.hub.settings.secrets = ['SHARED']
    const staging = { secrets: ['SHARED', 'NEW_KEY'], variables: ['MOVED=1'] }
    expect(await check({}, { secrets: ['MOVED'] }, staging)).toMatchObject({
      status: 'warning',
      ran: true,
      message: expect.stringMatching(
        /^only staging has secret NEW_KEY, variable MOVED; only production has secret MOVED: set them in both/,
      ),
    })
  })

  it('could not run where a place is hidden, naming the permission, unless the name was seen', async () => {
    bench.hub.settings.missingPermissions.add('environments=read')
    const production = requiring('required')
    const hidden = await check({ A: {}, B: {} }, {}, {}, production)
    expect(hidden).toMatchObject({ status: 'failed', ran: false })
    expect(hidden.message).toMatch(
      /^whether A, B is set cannot be seen: .* lacks environments=read/,
    )
    bench.hub.settings.secrets = ['A', 'B']
    expect(await check({ A: {}, B: {} }, {}, {}, production)).toMatchObject({
      status: 'warning',
      ran: true,
      message: expect.stringContaining('not all names could be compared'),
    })
  })

  it('takes no name for missing that may be where it cannot look', async () => {
    bench.hub.settings.missingPermissions.add('secrets=read')
    const staging = { secrets: ['NEW_KEY'], variables: ['NEW=1'] }
    const result = await check({}, {}, staging)
    expect(result.message).toMatch(/^only staging has variable NEW: /)
    expect(result.details['not_compared']).toContain('secrets=read')
  })

  it('names an environment that does not exist', async () => {
    const production = { variables: ruled({ A: {} }) }
    const result = await bench.ask(environmentConfig, { production })
    expect(result).toMatchObject({
      ran: false,
      message: expect.stringContaining('the GitHub environment production does not exist'),
    })
  })

  it('could not run while GitHub is down', async () => {
    bench.hub.faults.push({ path: /secrets/, times: 99, kind: { type: 'status', status: 503 } })
    const result = await check({ A: {} }, {})
    expect(result).toMatchObject({
      status: 'warning',
      ran: false,
      message: expect.stringMatching(/GitHub answered 503.*gonogo doctor/),
    })
  })
})
