import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import type { Ability, PlatformFacts } from '../../src/ports/platform.ts'
import { makeWorld } from '../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { told } from './patient.ts'

const now = Date.parse('2030-01-01T00:00:00Z')

const guarded = {
  name: 'Production',
  reviewers: ['ada'],
  preventsSelfReview: true,
  waitMinutes: 0,
  branches: 'protected' as const,
}

const facts: PlatformFacts = {
  name: 'acme/clinic on https://github.com',
  identity: { login: 'gonogo-bot', source: 'GITHUB_TOKEN', expires_at: null },
  abilities: [],
  limit: { left: 4000, of: 5000, resets_at: now + 600_000 },
  clock_ahead_ms: 400,
  workflows: [{ file: 'cd.yml', state: 'ready', problem: null }],
  environments: [guarded, { ...guarded, name: 'staging', reviewers: [], branches: 'all' }],
}

async function found(changes: Partial<PlatformFacts> | Failure, offline = false) {
  const environments = [fakeEnvironment('staging'), fakeEnvironment('production')]
  const { call, pipeline } = makeWorld({ project: fakeProject({ environments }) })
  const platform = async () => {
    if (changes instanceof Failure) throw changes
    return { ...facts, ...changes }
  }
  return await told({ ...call, pipeline: { ...pipeline, platform } }, { offline })
}

describe('GitHub', () => {
  it('that is in order is told in a line each', async () => {
    const all = await found({})
    const lines = Object.entries(all).filter(([id]) => id.startsWith('github_'))
    expect(lines.flatMap(([, each]) => each.map(([status]) => status))).toEqual(
      Array.from({ length: 6 }, () => 'ok'),
    )
    expect(all.github_identity?.[0]?.[1]).toBe(
      'acme/clinic on https://github.com: asked as gonogo-bot, with the token from GITHUB_TOKEN',
    )
    expect(all.github_limit?.[0]?.[1]).toBe('4000 of 5000 requests are left until 00:10 UTC')
    expect(all.github_environment?.map(([, text]) => text)).toEqual([
      'the GitHub environment staging: nobody reviews, any branch',
      'the GitHub environment Production: reviewed by ada, protected branches',
    ])
  })

  it('that does not answer is one failure with its hint', async () => {
    const failure = new Failure({
      code: 'not_permitted',
      message: 'the token is\nold',
      hint: 'renew',
    })
    const all = await found(failure)
    expect(all.github_identity).toEqual([['fail', 'the token is old', 'renew']])
    expect(all.github_ability).toBeUndefined()
  })

  it('is not asked with --offline, and that is said', async () => {
    const all = await found(new Failure({ code: 'internal', message: 'asked', hint: '' }), true)
    expect(all.not_checked?.map(([, text]) => text)).toContain('GitHub was not asked (--offline)')
    expect(all.github_identity).toBeUndefined()
  })

  it('is nothing to a pipeline that has no platform', async () => {
    const all = await told(makeWorld().call)
    expect(Object.keys(all).filter((id) => id.startsWith('github_'))).toEqual([])
  })
})

it.each<[Partial<Ability>, string, string]>([
  [{ can: true }, 'ok', 'the token can start runs: needed by deploy_to_staging'],
  [{ can: false, problem: 'lacks it' }, 'fail', 'the token cannot start runs: lacks it; needed by'],
  [{ can: false, problem: 'lacks it', optional: true }, 'warn', 'the token cannot start runs'],
  [{ can: null, problem: 'not told' }, 'note', 'whether the token can start runs is unknown (not'],
])('an ability that is %j is %s', async (change, status, message) => {
  const ability = {
    what: 'start runs',
    tools: ['deploy_to_staging'],
    permission: 'actions=write',
    can: true,
    problem: null,
    optional: false,
    ...change,
  }
  const { github_ability } = await found({ abilities: [ability] })
  expect(github_ability).toEqual([
    [status, expect.stringContaining(message), status === 'ok' ? null : expect.any(String)],
  ])
  if (status !== 'ok') expect(github_ability?.[0]?.[2]).toContain('actions=write')
})

describe('what is not well', () => {
  it.each<
    [string, Partial<PlatformFacts>, keyof Awaited<ReturnType<typeof found>>, string, RegExp]
  >([
    [
      'a token that ends soon',
      { identity: { ...facts.identity, expires_at: now + 86_400_000 } },
      'github_identity',
      'warn',
      /ends at 2030-01-02 00:00 UTC/,
    ],
    [
      'a limit that is nearly used up',
      { limit: { left: 400, of: 5000, resets_at: now } },
      'github_limit',
      'warn',
      /^400 of 5000/,
    ],
    [
      'a limit that is used up',
      { limit: { left: 0, of: 5000, resets_at: now } },
      'github_limit',
      'fail',
      /^0 of 5000/,
    ],
    ['a clock', { clock_ahead_ms: -90_000 }, 'github_clock', 'warn', /90 s ahead of GitHub's/],
    [
      'a workflow that is not there',
      { workflows: [{ file: 'cd.yml', state: 'missing', problem: null }] },
      'github_workflow',
      'fail',
      /no workflow of the default branch/,
    ],
    [
      'a workflow that is switched off',
      { workflows: [{ file: 'cd.yml', state: 'disabled', problem: 'disabled_manually' }] },
      'github_workflow',
      'fail',
      /switched off \(disabled_manually\)/,
    ],
    [
      'an environment that GitHub would make',
      { environments: [facts.environments![1]!] },
      'github_environment',
      'warn',
      /production does not exist: the first run makes it, without protection/,
    ],
    [
      'an environment that protects nothing',
      { environments: [{ ...guarded, reviewers: [], branches: 'all' }, facts.environments![1]!] },
      'github_environment',
      'warn',
      /takes jobs of any branch and no review/,
    ],
    [
      'a reviewer who is the token',
      { environments: [{ ...guarded, reviewers: ['Gonogo-Bot'] }, facts.environments![1]!] },
      'github_environment',
      'warn',
      /that review proves nobody/,
    ],
    [
      'environments nobody sees',
      { environments: null },
      'not_checked',
      'warn',
      /could not be seen/,
    ],
  ])('%s', async (_, changes, id, status, message) => {
    const all = (await found(changes))[id] ?? []
    const one = all.find(([, text]) => message.test(text))
    expect(one).toEqual([status, expect.any(String), expect.any(String)])
  })
})
