import { describe, expect, it } from 'vitest'
import { policyText } from '../../src/config/policy.ts'
import { policyChanges } from '../../src/core/policy-difference.ts'
import type { Environment, Project } from '../../src/core/project.ts'
import { fakeEnvironment, fakeProject, smokeStep, smokeSuites } from '../support/fake-project.ts'

const step = (name: string, ...run: string[]) => ({
  name,
  run,
  directory: '.',
  timeout_seconds: 60,
})
const local = (...activate: ReturnType<typeof step>[]) => ({
  directory: '/srv/production',
  prepare: [],
  activate,
  keep_releases: 5,
})

const [build, migrate] = [step('build', 'npm', 'ci'), step('migrate', 'npm', 'run', 'migrate')]
const staging = fakeEnvironment('staging')
const production = fakeEnvironment('production', { local: local(build, migrate) })
const before = fakeProject({ environments: [staging, production] })

/** `path: from -> to` for every change. */
function told(changes: Partial<Project>, from: Project = before): string[] {
  const now = policyText({ ...from, ...changes })
  return policyChanges(policyText(from), now).map(
    (change) => `${change.path}: ${change.from} -> ${change.to}`,
  )
}

const inProduction = (changes: Partial<Environment>) =>
  told({ environments: [staging, { ...production, ...changes }] })

it('finds nothing between a policy and itself', () => {
  expect(told({})).toEqual([])
})

it('names a changed value by the environment and the key', () => {
  expect(inProduction({ approval: 'none' })).toEqual([
    'environments.production.approval: required -> none',
  ])
  expect(told({ evidence_hours: 48 })).toEqual(['evidence_hours: 24 -> 48'])
})

describe('what has a name', () => {
  it('and moved is told by the new order alone', () => {
    expect(told({ environments: [production, staging] })).toEqual([
      'environments: [staging, production] -> [production, staging]',
    ])
    expect(inProduction({ local: local(migrate, build) })).toEqual([
      'environments.production.local.activate: [build, migrate] -> [migrate, build]',
    ])
  })

  it('and changed keeps its name, wherever it stands', () => {
    const fast = { ...migrate, run: ['npm', 'run', 'migrate', '--', '--force'] }
    expect(inProduction({ local: local(fast, build) })).toEqual([
      'environments.production.local.activate: [build, migrate] -> [migrate, build]',
      'environments.production.local.activate.migrate.run: ["npm","run","migrate"] -> ["npm","run","migrate","--","--force"]',
    ])
  })

  it('and is new is told with all it says, and without what it does not have', () => {
    const preview = fakeEnvironment('preview', {
      url: null,
      health: {},
      version: null,
      variables: {},
      local: { ...local(build), directory: '/srv/preview' },
    })
    const lines = told({ environments: [staging, preview, production] })
    expect(lines.slice(0, 3)).toEqual([
      'environments: [staging, production] -> [staging, preview, production]',
      'environments.preview.approval: null -> none',
      'environments.preview.least_level: null -> L0',
    ])
    expect(lines).toContain('environments.preview.local.directory: null -> /srv/preview')
    expect(lines).toContain('environments.preview.local.activate.build.run: null -> ["npm","ci"]')
    expect(lines.filter((line) => /url|health|pass_env|\.name/.test(line))).toEqual([])
  })

  it('and is gone is told as well', () => {
    expect(inProduction({ local: local(migrate) })).toContain(
      'environments.production.local.activate.build.run: ["npm","ci"] -> null',
    )
  })
})

it('tells first what takes a guard away', () => {
  const lines = told({
    tests: [],
    approvals: { ...before.approvals, mode: 'strict' },
    environments: [
      { ...staging, url: 'http://elsewhere.test' },
      {
        ...production,
        url: 'http://other.test',
        approval: 'none',
        checks: { ...production.checks, tests_passed: 'off' },
      },
    ],
  })
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'approvals.mode',
    'environments.production.approval',
    'environments.production.checks.tests_passed',
    'tests',
    'tests.unit.directory',
    'tests.unit.run',
    'tests.unit.timeout_seconds',
    'environments.staging.url',
    'environments.production.url',
  ])
})

const smoke = (changes: object) => smokeSuites({ basic: [smokeStep('in', changes)] })

describe('what may be a secret', () => {
  const secret = 'hunter2'
  const quiet = fakeProject({ smoke: smoke({}) })

  it.each<[string, Partial<Project>, string]>([
    [
      'a variable',
      { environments: [{ ...staging, env: { KEY: secret } }, fakeEnvironment('production')] },
      'environments.staging.env.KEY: null -> (hidden)',
    ],
    [
      'a header',
      { smoke: smoke({ headers: { Authorization: secret } }) },
      'smoke.basic.in.headers.Authorization: null -> (hidden)',
    ],
    [
      'a body',
      { smoke: smoke({ body: { users: [{ name: secret }] } }) },
      'smoke.basic.in.body.users: null -> (hidden)',
    ],
    [
      'a body that is text',
      { smoke: smoke({ body: secret }) },
      'smoke.basic.in.body: null -> (hidden)',
    ],
  ])('is hidden: %s', (_, changes, line) => {
    const lines = told(changes, quiet)
    expect(lines).toEqual([line])
    const back = policyChanges(policyText({ ...quiet, ...changes }), policyText(quiet))
    expect(JSON.stringify([lines, back])).not.toContain(secret)
  })

  it('and changed is still told as a change', () => {
    const variables = {
      SESSION_SECRET: { ...production.variables['SESSION_SECRET']!, forbidden: [secret] },
    }
    expect(inProduction({ variables })).toEqual([
      'environments.production.variables.SESSION_SECRET.forbidden: (hidden) -> (hidden, changed)',
    ])
  })
})

describe('what would look like something else', () => {
  it.each([
    ['a line break', 'a\nb', String.raw`"a\nb"`],
    ['an arrow', 'a -> b', '"a -> b"'],
    ['a direction mark', 'a\u202eb', String.raw`"a\u{202e}b"`],
    ['nothing', '', '""'],
    ['null', 'null', '"null"'],
    ['a number', '5', '"5"'],
  ])('is quoted: %s', (_, repository, shown) => {
    expect(told({ repository })).toEqual([`repository: /srv/clinic.git -> ${shown}`])
  })

  it('is quoted in a path and in a command, too', () => {
    const odd = step('a.b: c', 'sh', '-c', 'rm \u200bx')
    expect(inProduction({ local: local(build, migrate, odd) })).toContain(
      String.raw`environments.production.local.activate."a.b: c".run: null -> ["sh","-c","rm \u{200b}x"]`,
    )
  })
})

it('hides values below a key, and none because of a name somebody chose', () => {
  const hiding = step('env', 'sh', '-c', 'evil')
  expect(inProduction({ local: local(build, migrate, hiding) })).toContain(
    'environments.production.local.activate.env.run: null -> ["sh","-c","evil"]',
  )
  expect(inProduction({ env: { PORT: '1' } })).toEqual([
    'environments.production.env.PORT: null -> (hidden)',
  ])
})

it('never says that nothing changed where the text did', () => {
  expect(policyChanges('{"a":1}', '{"a":1,"new":{}}')).toEqual([
    { path: 'new', from: null, to: '{}' },
  ])
  expect(policyChanges('{"env":{}}', '{"env":{"__proto__":"x"}}')).toEqual([
    { path: 'env.__proto__', from: null, to: '(hidden)' },
  ])
})
