import { describe, expect, it } from 'vitest'
import { examineText, jobLines, refusals } from './preflight.ts'

const steps = "runs-on: x, steps: [{ run: 'true' }]"

const deploy = `on:
  workflow_call:
    inputs:
      target: { type: string, required: true }
      dry: { type: boolean, default: false }
jobs:
  check: { ${steps}, if: "!inputs.dry" }
  put: { ${steps}, needs: check, environment: "\${{ inputs.target }}" }
`

function caller(rest: string, more = ''): string {
  return `on: { workflow_dispatch: { inputs: { to: { type: string, default: staging } } } }
jobs:
  first: { ${steps} }
  ship: { needs: first, uses: ./.github/workflows/deploy.yml, ${rest} }
${more}`
}

const files = { '.github/workflows/deploy.yml': deploy }

describe('a local workflow that is called', () => {
  it('is planned with the inputs it gets', async () => {
    const text = caller(
      'with: { target: "${{ inputs.to }}" }',
      `  tell: { ${steps}, needs: ship }\n`,
    )
    const report = await examineText(text, { files, inputs: { to: 'production' } })
    expect(jobLines(report)).toEqual([
      'first: runs, it needs no other job',
      'ship / check: runs, its condition holds, it needs no other job',
      'ship / put: runs, after check [production]',
      'tell: runs, after ship',
    ])
    expect(report.deploys).toEqual(['production'])
    expect(refusals(report)).toEqual([])
  })

  it('is skipped with the call, and skips what waits for it', async () => {
    const text = caller(
      "if: github.ref == 'refs/heads/x', with: { target: a }",
      `  tell: { ${steps}, needs: ship }\n`,
    )
    const report = await examineText(text, { files })
    expect(report.jobs.map(({ id, runs }) => [id, runs])).toEqual([
      ['first', true],
      ['ship', false],
      ['tell', false],
    ])
  })

  it('counts as skipped when all of it is', async () => {
    const text = caller('with: { target: a, dry: true }', `  tell: { ${steps}, needs: ship }\n`)
    const report = await examineText(text, { files })
    expect(report.jobs.map(({ runs }) => runs)).toEqual([true, false, false, false])
    expect(report.jobs.at(-1)?.reason).toBe('it needs ship, which is skipped')
  })

  it('is unknown as far as the call is', async () => {
    const text = caller("if: vars.SHIP == 'yes', with: { target: production }")
    const report = await examineText(text, { files })
    expect(report.jobs.map(({ runs }) => runs)).toEqual([true, null, null])
    expect(report.deploys).toEqual([])
    expect(report.unknown).toEqual([
      "whether ship / put runs: its condition depends on vars.SHIP: vars.SHIP == 'yes'",
    ])
  })

  it('may be called once for each of a matrix', async () => {
    const text = caller(
      'strategy: { matrix: { to: [eu, us] } }, with: { target: "${{ matrix.to }}" }',
    )
    const report = await examineText(text, { files })
    expect(report.jobs.at(-1)?.id).toBe('ship (us) / put')
    expect(report.deploys).toEqual(['eu', 'us'])
  })

  it('can call others, but never in a circle', async () => {
    const again = `on: workflow_call\njobs:\n  again: { uses: ./.github/workflows/deploy.yml }\n`
    const report = await examineText(caller(''), {
      files: { '.github/workflows/deploy.yml': again },
    })
    expect(report.jobs.map(({ runs }) => runs)).toEqual([false, false])
    expect(refusals(report)).toMatchObject([
      { rule: 'workflow-call', severity: 'error', message: expect.stringContaining('in a circle') },
    ])
  })

  it.each([
    ['does not exist', {}],
    ['cannot be called', { '.github/workflows/deploy.yml': 'on: push\njobs: {}\n' }],
  ])('that %s stops everything', async (message, given) => {
    const report = await examineText(caller(''), { files: given })
    expect(refusals(report)[0]).toMatchObject({ line: 4, column: 31 })
    expect(refusals(report)[0]?.message).toContain(message)
    expect(report.jobs.some(({ runs }) => runs !== false)).toBe(false)
  })

  it('that GitHub would refuse is told at the call', async () => {
    const broken = deploy.replace('needs: check', 'needs: nobody')
    const report = await examineText(caller('with: { target: a }'), {
      files: { '.github/workflows/deploy.yml': broken },
    })
    expect(refusals(report)[0]).toMatchObject({ rule: 'workflow-syntax', line: 8 })
    expect(refusals(report)[0]?.message).toMatch(/^in \.github\/workflows\/deploy\.yml: /)
    expect(report.deploys).toEqual([])
  })
})

describe('a workflow of another repository', () => {
  it('is unknown, never fine', async () => {
    const text = `on: workflow_dispatch
jobs:
  ship: { uses: acme/shared/.github/workflows/deploy.yml@v1 }
  tell: { ${steps}, needs: ship, environment: production }
`
    const report = await examineText(text)
    expect(jobLines(report)).toEqual([
      'ship: unknown, it calls acme/shared/.github/workflows/deploy.yml@v1, which is not in this repository',
      'tell: unknown, it needs ship, and whether that runs is not known [production]',
    ])
    expect(report.unknown).toHaveLength(2)
    expect(report.deploys).toEqual([])
  })
})
