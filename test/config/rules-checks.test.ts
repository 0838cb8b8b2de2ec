import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { policyText } from '../../src/config/policy.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const minimal = 'project: shop\nenvironments:\n  staging: {}\n  production: {}\n'

const freeze = (entry: string) => `${minimal}freeze:\n  - { name: quiet, ${entry} }\n`
const custom = (entry: string) => `${minimal}custom_checks:\n  - { ${entry} }\n`

describe('freeze', () => {
  it('takes weekly windows and dates', async () => {
    const root = directory()
    const second = '  - { name: xmas, kind: dates, from: "2026-12-23", to: "2026-12-23T18:00" }\n'
    put(
      root,
      'gonogo.yaml',
      freeze('kind: weekly, days: [fri], from: "16:00", to: "08:00", time_zone: Europe/Berlin') +
        second,
    )
    const { project } = await load(root)
    expect(project.freeze).toEqual([
      {
        name: 'quiet',
        kind: 'weekly',
        days: ['fri'],
        from: '16:00',
        to: '08:00',
        time_zone: 'Europe/Berlin',
        environments: [],
      },
      {
        name: 'xmas',
        kind: 'dates',
        from: '2026-12-23',
        to: '2026-12-23T18:00',
        time_zone: 'UTC',
        environments: [],
      },
    ])
  })

  it.each([
    [
      'kind: weekly, days: [fri], from: "4pm", to: "08:00"',
      'freeze[0].from must be a time such as',
    ],
    ['kind: weekly, days: [fri], from: "16:00", to: "24:00"', 'freeze[0].to must be a time'],
    ['kind: weekly, days: [], from: "16:00", to: "08:00"', 'freeze[0].days must be at least 1'],
    [
      'kind: weekly, days: [friday], from: "16:00", to: "08:00"',
      'freeze[0].days[0] must be one of mon, tue',
    ],
    ['kind: dates, from: "2026-02-30", to: "2026-03-01"', 'freeze[0].from must be a date such as'],
    [
      'kind: daily, from: "08:00", to: "09:00"',
      'freeze[0].kind must be one of weekly, dates, holidays, got',
    ],
    ['kind: dates, frm: "2026-03-02", to: "2026-03-02"', 'freeze[0].frm is not a known key, did'],
    [
      'kind: dates, from: "2026-03-02", to: "2026-03-01"',
      'freeze[0].to is not after from, which is 2026-03-02',
    ],
    ['kind: dates, from: "2026-03-02T10:00", to: "2026-03-02T10:00"', 'freeze[0].to is not after'],
    [
      'kind: dates, from: "2026-03-02", to: "2026-03-02", time_zone: Europe/Berlim',
      'freeze[0].time_zone is not a known time zone',
    ],
    [
      'kind: dates, from: "2026-03-02", to: "2026-03-02", environments: [prodction]',
      'freeze[0].environments[0] names no environment: "prodction", did you mean "production"?',
    ],
  ])('refuses %s', async (entry, problem) => {
    const lines = await problemsOf(directory(), freeze(entry))
    expect(lines).toContainEqual(expect.stringContaining(`gonogo.yaml:6: ${problem}`))
  })
})

describe('holidays', () => {
  const entry = freeze('kind: holidays, file: days.txt')

  it('are read from their file, and a day more is another policy', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', entry)
    put(root, 'days.txt', '2026-12-25 Christmas Day\n')
    const { project } = await load(root)
    const christmas = { name: 'Christmas Day', from: '2026-12-25', to: '2026-12-25' }
    expect(project.freeze).toMatchObject([
      { name: 'quiet', kind: 'holidays', file: join(root, 'days.txt'), holidays: [christmas] },
    ])
    put(root, 'days.txt', '2026-12-25 Christmas Day\n2026-12-26\n')
    const { project: later } = await load(root)
    expect(policyText(later)).not.toBe(policyText(project))
    put(root, 'days.txt', '# the same days\n2026-12-25 Christmas Day\n')
    expect(policyText((await load(root)).project)).toBe(policyText(project))
  })

  it('are refused where their file cannot be used, with the line', async () => {
    const root = directory()
    const problem = 'gonogo.yaml:6: freeze[0].file cannot be used: '
    expect(await problemsOf(root, entry)).toEqual([
      expect.stringMatching(
        /freeze\[0\]\.file cannot be used: .*days\.txt cannot be read \(ENOENT\)/,
      ),
    ])
    put(root, 'days.txt', '2026-12-25\nnext friday\n')
    expect(await problemsOf(root, entry)).toEqual([
      `${problem}line 2 is no day such as "2026-12-25 Christmas Day"`,
    ])
  })
})

describe('custom_checks', () => {
  it('have a name of their own, a program or a URL, and defaults', async () => {
    const root = directory()
    put(root, 'gonogo.yaml', custom('name: licences, run: [./licences]'))
    expect((await load(root)).project.custom_checks).toEqual([
      {
        name: 'licences',
        run: ['./licences'],
        url: null,
        timeout_seconds: 60,
        environments: [],
        requirement: 'required',
      },
    ])
  })

  it.each([
    ['name: tests_passed, run: [x]', 'custom_checks[0].name is the name of another check'],
    ['name: policy_trusted, run: [x]', 'custom_checks[0].name is the name of another check'],
    ['name: validated_plan, run: [x]', 'custom_checks[0].name is the name of another check'],
    ['name: runs_on_staging, run: [x]', 'custom_checks[0].name is the name of another check'],
    ['name: staging_smoke_tests, run: [x]', 'custom_checks[0].name is the name of another check'],
    ['name: Licences, run: [x]', 'custom_checks[0].name must be lower-case words'],
    ['name: both, run: [x], url: "http://x.test"', 'custom_checks[0] must have either run or url'],
    ['name: neither', 'custom_checks[0] must have either run or url'],
    ['name: a, run: [x], environments: [prod]', 'custom_checks[0].environments[0] names no'],
    ['name: a, run: [x] }\n  - { name: a, run: [y]', 'custom_checks[1].name is used twice: "a"'],
  ])('refuses %s', async (entry, problem) => {
    const lines = await problemsOf(directory(), custom(entry))
    expect(lines).toEqual([expect.stringContaining(problem)])
  })
})
