import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { rules } from '../../../../src/adapters/github/workflow/rules/index.ts'
import { preflightVerdict } from '../../../../src/core/preflight.ts'
import type { PreflightRequest } from '../../../../src/ports/preflighter.ts'
import { examineText } from './preflight.ts'

const root = join(import.meta.dirname, '../../../..')
const corpus = join(import.meta.dirname, 'corpus')

/**
 * A workflow of the corpus. Its first line says for what it is examined. `# finds: RULE` stands above
 * the line of a finding, `# finds-in-file: RULE` anywhere.
 */
interface Sample {
  text: string
  request: Partial<PreflightRequest>
  expected: string[]
}

function sampleOf(file: string): Sample {
  const text = readFileSync(join(corpus, file), 'utf8')
  const lines = text.split('\n')
  const [, request = '{}'] = /^# request: (.*)$/.exec(lines[0]!) ?? []
  const marked = lines.flatMap((line, index) => {
    const [, inFile, names] = /(?:#|\/\/) finds(-in-file)?: (.*)$/.exec(line) ?? []
    const place = inFile ? 0 : index + 2
    return (names?.split(', ') ?? []).map((name) => `${place} ${name}`)
  })
  return { text, request: parse(request) as Sample['request'], expected: marked.toSorted() }
}

const filesIn = (directory: string) =>
  readdirSync(join(corpus, directory)).map((name) => `${directory}/${name}`)

describe('rules', () => {
  it.each(filesIn('bad'))(
    'find what is planted in %s, at its line, and nothing else',
    async (file) => {
      const { text, request, expected } = sampleOf(file)
      const { findings } = await examineText(text, request)
      expect(findings.map(({ line, rule }) => `${line} ${rule}`).toSorted()).toEqual(expected)
      for (const { message, fix, column, line } of findings) {
        expect(message.length).toBeGreaterThan(30)
        expect(fix.length).toBeGreaterThan(10)
        expect(column > 0).toBe(line > 0)
      }
    },
  )

  it.each(filesIn('good'))('find nothing in %s', async (file) => {
    const { text, request } = sampleOf(file)
    const report = await examineText(text, request)
    expect(report.findings).toEqual([])
    expect(preflightVerdict(report, request.environment!)).toBe('deploys')
  })

  it('are each shown by a workflow of the corpus', () => {
    const shown = filesIn('bad').flatMap((file) => sampleOf(file).expected)
    const names = new Set(shown.map((entry) => entry.replace(/^\d+ /, '')))
    expect([...names].toSorted()).toEqual(rules.map(({ name }) => name).toSorted())
  })
})

const shipping = (condition: string) => `on: { workflow_dispatch: { inputs: { ref: {} } } }
permissions: {}
concurrency: production
jobs:
  ship:
    if: ${condition}
    runs-on: x
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789
        with: { ref: "\${{ inputs.ref }}" }
      - run: ./deploy
`

describe('a job that is said to deploy, and names no environment', () => {
  const request = { environment: 'production', job: 'ship' }

  it('reaches the environment, and is judged as a deployment', async () => {
    const report = await examineText(shipping('true'), request)
    expect(preflightVerdict(report, 'production')).toBe('deploys')
    expect(report.findings.map(({ rule }) => rule)).toEqual(['deploys-without-approval-check'])
    expect(report.jobs[0]?.environment).toBe(null)
  })

  it('is an error when it is skipped, and unknown when that is open', async () => {
    const skipped = await examineText(shipping('false'), request)
    expect(skipped.findings[0]).toMatchObject({
      rule: 'target-environment-not-reached',
      line: 6,
      message: expect.stringContaining('the job ship, which deploys to production, would be skip'),
    })
    const open = await examineText(shipping("vars.X == 'y'"), request)
    expect(preflightVerdict(open, 'production')).toBe('unknown')
    expect(open.unknown).toEqual([expect.stringContaining('whether ship runs')])
  })

  it('has to exist', async () => {
    const report = await examineText(shipping('true'), { ...request, job: 'shop' })
    expect(preflightVerdict(report, 'production')).toBe('does_not_deploy')
    // Also where another job names the environment: its outcome is not the one that counts.
    const named = shipping('true').replace(
      '    runs-on',
      '    environment: production\n    runs-on',
    )
    const beside = await examineText(named, { ...request, job: 'shop' })
    expect(beside.findings[0]?.message).toContain('no job that is called shop would run')
    expect(preflightVerdict(beside, 'production')).toBe('does_not_deploy')
  })
})

it('are explained in docs/preflight.md, all of them, in their order', () => {
  const page = readFileSync(join(root, 'docs/preflight.md'), 'utf8')
  const told = [...page.matchAll(/^\| `([a-z-]+)` /gm)].map(([, name]) => name)
  expect(told).toEqual(rules.map(({ name }) => name))
})

const called = (jobs: string) => `
on: { workflow_call: { inputs: { to: { type: string } } } }
jobs:
${jobs}`
const deploy = `
  deploy:
    runs-on: x
    environment: \${{ inputs.to }}
    steps: [{ run: './deploy.sh || true' }]`
const verify = `
  verify: { runs-on: x, steps: [{ run: ssh-keygen -Y verify }] }`
const caller = (more: string) => `
on: workflow_dispatch
permissions: {}
jobs:
  approval: { uses: ./verify.yml }
  call:
    uses: ./deploy.yml
    with: { to: production }
    ${more}`

describe('rules about a called workflow', () => {
  const files = { 'verify.yml': called(verify), 'deploy.yml': called(deploy) }

  it('say in which file they found something, and look at the jobs around the call', async () => {
    const { findings } = await examineText(caller(''), { environment: 'production', files })
    expect(findings.map(({ rule }) => rule).toSorted()).toEqual([
      'cannot-fail',
      'deploys-without-approval-check',
      'no-concurrency',
    ])
    expect(findings[0]!.message).toMatch(/^in deploy\.yml: /)
    const guarded = caller('needs: approval\n    concurrency: production')
    const report = await examineText(guarded, { environment: 'production', files })
    expect(report.findings.map(({ rule }) => rule)).toEqual(['cannot-fail'])
  })
})

describe('the reference workflow', () => {
  const text = readFileSync(join(root, 'examples/workflows/cd.yml'), 'utf8')
  const environments = ['staging', 'production'].map((name) => ({
    name,
    reviewers: [],
    preventsSelfReview: false,
    waitMinutes: 0,
    branches: 'protected' as const,
  }))
  const inputs = {
    version: 'v1.2.0',
    commit: 'c0ffee0000000000000000000000000000000001',
    deployment_id: 'dep_1',
    approval_id: 'apr_1',
    approval: 'e30=',
  }

  it.each([
    ['deploy', 'staging', 'false'],
    ['deploy', 'staging', 'true'],
    ['promote', 'production', 'false'],
    ['rollback', 'production', 'false'],
  ])('has no finding: %s to %s, skip_tests %s', async (action, environment, skip_tests) => {
    const report = await examineText(text, {
      environment,
      environments,
      inputs: { ...inputs, action, environment, skip_tests },
    })
    expect([report.findings, report.unknown, report.deploys]).toEqual([[], [], [environment]])
  })
})
