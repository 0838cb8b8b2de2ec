import { describe, expect, it } from 'vitest'
import { holdingPolicy } from '../../src/core/base-policy.ts'
import type { CustomCheck } from '../../src/core/custom-check.ts'
import type { FreezeWindow } from '../../src/core/freeze.ts'
import type { Environment, Project } from '../../src/core/project.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../support/fake-project.ts'

const strict = fakeProject()

interface Change {
  project?: Partial<Project>
  production?: Partial<Environment>
}

function projectWith({ project = {}, production = {} }: Change): Project {
  const environments = [fakeEnvironment('staging'), fakeEnvironment('production', production)]
  return fakeProject({ environments, ...project })
}

/** What holds for production, by what is changed here and what is changed on main. */
function held(here: Change, main: Change = {}) {
  const ours = projectWith(here)
  const base = { branch: 'main', project: projectWith(main) }
  return holdingPolicy(ours, ours.environments.at(-1)!, base)
}

const { checks } = fakeEnvironment('production')
const { approvals, security } = strict

it('says nothing where nothing was lowered', () => {
  const ours = projectWith({})
  expect(held({})).toEqual({
    project: ours,
    environment: ours.environments[1],
    lowered: [],
    unmet: [],
  })
})

describe('the stricter of two values holds, and the lower one is told', () => {
  it.each<[string, Change, string, (held: ReturnType<typeof holdingPolicy>) => unknown, unknown]>([
    [
      'a requirement',
      { production: { checks: { ...checks, tests_passed: 'advisory' } } },
      'checks.tests_passed is advisory here and required on main: required counts',
      ({ environment }) => environment.checks.tests_passed,
      'required',
    ],
    [
      'a check that was switched off',
      { production: { checks: { ...checks, migrations_safe: 'off' } } },
      'checks.migrations_safe is off here and advisory on main: advisory counts',
      ({ environment }) => environment.checks.migrations_safe,
      'advisory',
    ],
    [
      'the approval',
      { production: { approval: 'none' } },
      'approval is none here and required on main: required counts',
      ({ environment }) => environment.approval,
      'required',
    ],
    [
      'the verification',
      { production: { verify: 'off' } },
      'verify is off here and basic on main: basic counts',
      ({ environment }) => environment.verify,
      'basic',
    ],
    [
      'a threshold',
      { project: { security: { ...security, thresholds: { critical: 0, high: 50 } } } },
      'security.thresholds.high is 50 here and 3 on main: 3 counts',
      ({ project }) => project.security.thresholds,
      { critical: 0, high: 3 },
    ],
    [
      'the age of evidence',
      { project: { evidence_hours: 1000 } },
      'evidence_hours is 1000 here and 24 on main: 24 counts',
      ({ project }) => project.evidence_hours,
      24,
    ],
    [
      'who may approve',
      { production: { approvers: approverRule({ self_approval: 'allowed' }) } },
      'approvers.self_approval is allowed here and auto on main: auto counts',
      ({ environment }) => environment.approvers.self_approval,
      'auto',
    ],
    [
      'how long an emergency approval lasts',
      { project: { approvals: { ...approvals, break_glass_minutes: 600 } } },
      'approvals.break_glass_minutes is 600 here and 10 on main: 10 counts',
      ({ project }) => project.approvals.break_glass_minutes,
      10,
    ],
    [
      'how long an approval lasts',
      { production: { approvers: approverRule({ validity_minutes: 600 }) } },
      'approvers.validity_minutes is 600 here and 30 on main: 30 counts',
      ({ environment }) => environment.approvers.validity_minutes,
      30,
    ],
  ])('%s', (_, here, text, of, value) => {
    const result = held(here)
    expect(result.lowered).toEqual([text])
    expect(result.unmet).toEqual([])
    expect(of(result)).toEqual(value)
    // The other way round nothing is lowered, and what is said here holds.
    const raised = held({}, here)
    expect(raised.lowered).toEqual([])
    expect(of(raised)).toEqual(value)
  })

  it('also of several at once, of levels and of the mode', () => {
    const main = {
      project: { approvals: { ...approvals, mode: 'strict' as const } },
      production: { least_level: 'L1' as const, verify: 'full' as const },
    }
    const { environment, project, lowered } = held({}, main)
    expect(environment).toMatchObject({ least_level: 'L1', verify: 'full' })
    expect(project.approvals.mode).toBe('strict')
    expect(lowered).toHaveLength(3)
  })
})

const winter: FreezeWindow = {
  name: 'winter',
  environments: [],
  time_zone: 'UTC',
  kind: 'dates',
  from: '2026-12-20',
  to: '2027-01-02',
}

it('a freeze of the branch holds, whatever became of it here', () => {
  const main = { project: { freeze: [winter] } }
  const text = 'freeze winter is only on main: it counts'
  const now = { ...winter, environments: ['production'] }
  expect(held({}, main)).toMatchObject({ lowered: [text], project: { freeze: [now] } })
  const moved = { ...winter, environments: ['staging'] }
  expect(held({ project: { freeze: [moved] } }, main)).toMatchObject({
    lowered: [text],
    project: { freeze: [moved, now] },
  })
  const renamed = { ...now, name: 'holidays' }
  expect(held({ project: { freeze: [renamed] } }, main).lowered).toEqual([])
  expect(held({ project: { freeze: [winter] } }).lowered).toEqual([])
})

const licences: CustomCheck = {
  name: 'licences',
  run: ['./licences'],
  url: null,
  timeout_seconds: 60,
  environments: [],
  requirement: 'required',
}
const withCheck = (changes: Partial<CustomCheck> = {}): Change => ({
  project: { custom_checks: [{ ...licences, ...changes }] },
})

describe('a check of the project that the branch requires', () => {
  it.each([
    ['is missing', {}],
    ['holds elsewhere only', withCheck({ environments: ['staging'] })],
  ])('and that %s here lets nothing go on: it is never taken from there', (_, here) => {
    const { unmet, lowered, project } = held(here, withCheck())
    expect(unmet).toEqual([
      'custom_checks.licences is required on main and missing here: restore it, or merge its removal into main first',
    ])
    expect(lowered).toEqual([])
    expect(project.custom_checks).toEqual(here.project?.custom_checks ?? [])
  })

  it('and that is another program here lets nothing go on', () => {
    expect(held(withCheck({ run: ['true'] }), withCheck()).unmet).toEqual([
      'custom_checks.licences is not what it is on main (required there): use what main says, or merge the change first',
    ])
  })

  it('and that was made less of is required all the same', () => {
    const { project, lowered, unmet } = held(withCheck({ requirement: 'off' }), withCheck())
    expect(project.custom_checks).toEqual([licences])
    expect(lowered).toEqual([
      'custom_checks.licences is off here and required on main: required counts',
    ])
    expect(unmet).toEqual([])
  })

  it('is only told where the branch has it as advice, or for other environments', () => {
    const advice = withCheck({ requirement: 'advisory' })
    expect(held({}, advice)).toMatchObject({
      unmet: [],
      lowered: [expect.stringContaining('is advisory on main and missing here')],
    })
    expect(held({}, withCheck({ environments: ['staging'] }))).toMatchObject({
      unmet: [],
      lowered: [],
    })
    expect(held(withCheck(), {})).toMatchObject({ unmet: [], lowered: [] })
  })
})

describe('what a check rests on', () => {
  const other = { name: 'unit', run: ['true'], directory: '.', timeout_seconds: 60, junit: null }

  it('cannot be replaced where the branch requires that check', () => {
    const text =
      'tests is not what it is on main (tests_passed is required there): use what main says, or merge the change first'
    expect(held({ project: { tests: [other] } }).unmet).toEqual([text])
    expect(held({ project: { tests: [] } }).unmet).toEqual([text])
    const more = [...strict.tests, { ...other, name: 'more' }]
    expect(held({ project: { tests: more } }).unmet).toEqual([])
    // Commands would take the place of what the platform recorded.
    expect(held({ project: { tests: [other] } }, { project: { tests: [] } }).unmet).toEqual([text])
  })

  it('nor the branch that releases come from', () => {
    expect(held({ project: { default_branch: 'mine' } }).unmet).toEqual([
      expect.stringContaining('default_branch is not what it is on main'),
    ])
    expect(held({ project: { default_branch: null } }).unmet).toEqual([])
  })

  it('is told where the check is advisory, and not at all where it is off', () => {
    const migrations = { paths: ['nowhere'], framework: null }
    expect(held({ project: { migrations } })).toMatchObject({
      unmet: [],
      lowered: [expect.stringContaining('migrations is not what it is on main')],
    })
    const off = { production: { checks: { ...checks, migrations_safe: 'off' as const } } }
    expect(held({ project: { migrations } }, off).lowered).toEqual([])
    expect(held({ production: { variables: {} } }).lowered).toEqual([
      expect.stringContaining('variables is not what it is on main'),
    ])
  })
})

describe('environments', () => {
  it('that were renamed are still judged as production', () => {
    const ours = fakeProject({
      environments: [fakeEnvironment('staging'), fakeEnvironment('live', { approval: 'none' })],
    })
    const base = { branch: 'main', project: strict }
    const { environment, lowered } = holdingPolicy(ours, ours.environments[1]!, base)
    expect(environment).toMatchObject({ name: 'live', approval: 'required' })
    expect(lowered).toEqual(['approval is none here and required on main: required counts'])
  })

  it('that are new have nothing to be compared with, and that is said', () => {
    const preview = fakeEnvironment('preview', { approval: 'none' })
    const ours = fakeProject({ environments: [preview, ...strict.environments] })
    const base = { branch: 'main', project: strict }
    expect(holdingPolicy(ours, preview, base)).toEqual({
      project: ours,
      environment: preview,
      lowered: ['environments.preview is not on main: what is said here counts'],
      unmet: [],
    })
  })
})

describe('the environment in which releases are proven', () => {
  const [staging, production] = projectWith({}).environments as [Environment, Environment]
  const text =
    'environments is not what it is on main (staging proves releases for production there): use what main says, or merge the change first'

  it.each<[string, Environment[], string]>([
    [
      'when another one becomes the last',
      [staging, production, fakeEnvironment('z')],
      'production',
    ],
    ['when the last one is a new name', [staging, production, fakeEnvironment('z')], 'z'],
    ['when they change places', [production, staging], 'production'],
    ['when it is gone', [production], 'production'],
    ['when another one proves', [staging, fakeEnvironment('z'), production], 'production'],
  ])('stays before the last one: %s, nothing goes on', (_, environments, name) => {
    const ours = fakeProject({ environments })
    const environment = environments.find((one) => one.name === name)!
    const base = { branch: 'main', project: projectWith({}) }
    expect(holdingPolicy(ours, environment, base).unmet).toEqual([text])
  })

  it('is no matter for what is before it', () => {
    const ours = fakeProject({ environments: [fakeEnvironment('z'), staging, production] })
    for (const environment of [staging, production]) {
      const { unmet } = holdingPolicy(ours, environment, {
        branch: 'main',
        project: projectWith({}),
      })
      expect(unmet).toEqual([])
    }
  })
})

it('a required scan asks the registry that the branch names', () => {
  const npm_registry = 'https://registry.test/'
  const { unmet } = held({ project: { security: { ...security, npm_registry } } })
  expect(unmet).toEqual([
    'security.npm_registry is not what it is on main (security_scan is required there): use what main says, or merge the change first',
  ])
})
