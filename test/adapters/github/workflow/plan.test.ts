import { describe, expect, it } from 'vitest'
import { examineText, jobLines } from './preflight.ts'

/** `id: rest of the job` in flow style, with what every job needs. */
function workflow(jobs: Record<string, string>, head = 'on: workflow_dispatch'): string {
  const lines = Object.entries(jobs).map(
    ([id, rest]) => `  ${id}: { runs-on: x, steps: [{ run: 'true' }]${rest && `, ${rest}`} }`,
  )
  return `${head}\njobs:\n${lines.join('\n')}\n`
}

async function planned(...args: Parameters<typeof examineText>): Promise<string[]> {
  return jobLines(await examineText(...args))
}

describe('skips', () => {
  it('go on to every job that waits for the skipped one, however far away', async () => {
    const text = workflow({
      approval: `if: false`,
      build: `needs: approval`,
      notes: `needs: approval, if: always()`,
      deploy: `needs: notes, environment: production`,
    })
    expect(await planned(text)).toEqual([
      'approval: skipped, its condition is false: false',
      'build: skipped, it needs approval, which is skipped',
      'notes: runs, its condition holds, after approval',
      'deploy: skipped, it needs notes, which needs approval, which is skipped [production]',
    ])
  })

  it('end where a condition asks for the results itself', async () => {
    const text = workflow(
      {
        test: `if: "!inputs.skip_tests"`,
        build: `needs: test, if: "!failure() && !cancelled()"`,
        deploy: `needs: [test, build], if: "always() && needs.build.result == 'success' && !contains(needs.*.result, 'failure')", environment: staging`,
      },
      'on: { workflow_dispatch: { inputs: { skip_tests: { type: boolean, default: false } } } }',
    )
    const report = await examineText(text, { inputs: { skip_tests: 'true' } })
    expect(report.jobs.map(({ runs }) => runs)).toEqual([false, true, true])
    expect(report.jobs[0]?.reason).toBe(
      'its condition is false: !inputs.skip_tests (inputs.skip_tests is true)',
    )
    expect(report.deploys).toEqual(['staging'])
    expect(report.unknown).toEqual([])
  })

  it('plans jobs after the ones they need, wherever they stand', async () => {
    const text = workflow({ deploy: `needs: build`, build: '' })
    expect(await planned(text)).toEqual([
      'build: runs, it needs no other job',
      'deploy: runs, after build',
    ])
  })

  it('gives a job for failures its reason', async () => {
    const text = workflow({ deploy: '', undo: `needs: deploy, if: failure(), environment: p` })
    expect(await planned(text)).toEqual([
      'deploy: runs, it needs no other job',
      'undo: skipped, its condition is false: failure() [p]',
    ])
  })

  it('knows that text around an expression makes a condition true for ever', async () => {
    const [line] = await planned(workflow({ a: 'if: "${{ false }} && true"' }))
    expect(line).toBe('a: runs, text beside an expression is always true: ${{ false }} && true')
  })
})

describe('events', () => {
  const job = { deploy: 'environment: production' }

  it('that are not listed start nothing', async () => {
    const report = await examineText(workflow(job, 'on: { push: { branches: [main] } }'))
    expect(jobLines(report)).toEqual([
      'deploy: skipped, not started: it does not run for workflow_dispatch, only for push [production]',
    ])
    expect(report.deploys).toEqual([])
  })

  it.each([
    ['branches: [main]', 'refs/heads/main', true],
    ['branches: [main]', 'refs/heads/next', false],
    [`branches: ['release/*']`, 'refs/heads/release/1', true],
    [`branches: ['release/*']`, 'refs/heads/release/1/a', false],
    [`branches: ['**', '!main']`, 'refs/heads/main', false],
    [`branches-ignore: [main]`, 'refs/heads/main', false],
    [`tags: ['v*']`, 'refs/heads/main', false],
    [`tags: ['v[0-9]+.[0-9]+']`, 'refs/tags/v1.20', true],
    [`branches: [main]`, 'refs/tags/v1', false],
    [`paths: ['src/**']`, 'refs/heads/main', null],
  ])('push with %s of %s: %s', async (filter, ref, runs) => {
    const report = await examineText(workflow(job, `on: { push: { ${filter} } }`), {
      event: 'push',
      ref,
    })
    expect(report.jobs[0]?.runs).toBe(runs)
    expect(report.unknown.length > 0).toBe(runs === null)
  })

  it('are known in expressions, as is what they do not have', async () => {
    const text = workflow({
      a: `if: github.event_name == 'push'`,
      b: `if: github.event.pull_request.merged == true`,
      c: `if: github.ref == 'refs/heads/main' && github.ref_name == github.event.repository.default_branch`,
      d: `if: github.run_attempt == 1 && github.repository_owner == 'ACME'`,
      e: `if: github.sha == 'abc'`,
    })
    expect((await examineText(text)).jobs.map(({ runs }) => runs)).toEqual([
      false,
      false,
      true,
      true,
      null,
    ])
  })
})

describe('what cannot be known', () => {
  it('stays unknown, with what it depends on', async () => {
    const text = workflow(
      {
        changes: `outputs: { api: "\${{ steps.filter.outputs.api }}", kind: "\${{ inputs.kind }}" }`,
        deploy: `needs: changes, if: needs.changes.outputs.api == 'true', environment: production`,
        after: `needs: deploy`,
        tidy: `needs: changes, if: needs.changes.outputs.kind == 'x'`,
        secret: `if: vars.DEPLOY == 'yes', environment: staging`,
      },
      'on: { workflow_dispatch: { inputs: { kind: { default: x } } } }',
    )
    const report = await examineText(text)
    expect(jobLines(report)).toEqual([
      'changes: runs, it needs no other job',
      `secret: unknown, its condition depends on vars.DEPLOY: vars.DEPLOY == 'yes' [staging]`,
      `deploy: unknown, its condition depends on needs.changes.outputs.api: needs.changes.outputs.api == 'true' [production]`,
      'tidy: runs, its condition holds, after changes',
      'after: unknown, it needs deploy, and whether that runs is not known',
    ])
    expect(report.deploys).toEqual([])
    expect(report.unknown).toHaveLength(2)
  })

  it('is what the event of an organization tells', async () => {
    const text = workflow({ a: `if: github.event.organization.login == 'acme', environment: e` })
    expect((await examineText(text)).jobs[0]?.runs).toBe(null)
  })

  it('does not matter where the rest decides', async () => {
    const text = workflow({
      a: `if: vars.X == 'y' && github.ref == 'refs/heads/other'`,
      b: `if: vars.X == 'y' || github.ref == 'refs/heads/main'`,
      c: `needs: a, if: false`,
    })
    expect((await examineText(text)).jobs.map(({ runs }) => runs)).toEqual([false, true, false])
  })

  it('is known once the variables are', async () => {
    const text = workflow({ a: `environment: "\${{ vars.TARGET }}"`, b: `if: vars.MISSING` })
    expect(await planned(text, { variables: { TARGET: 'production' } })).toEqual([
      'a: runs, it needs no other job [production]',
      'b: skipped, its condition is false: vars.MISSING (vars.missing is empty)',
    ])
    const open = await examineText(text)
    expect(open.unknown).toEqual(['the environment of a depends on vars.TARGET'])
    expect(open.deploys).toEqual([])
  })
})

describe('environments', () => {
  const inputs =
    'on: { workflow_dispatch: { inputs: { where: { type: environment }, to: { type: choice, options: [staging, production], default: staging } } } }'

  it('come from inputs, sent or by default', async () => {
    const text = workflow(
      {
        a: `environment: { name: "\${{ inputs.to }}", url: 'https://x' }`,
        b: `environment: "\${{ github.event.inputs.where || inputs.where }}"`,
      },
      inputs,
    )
    expect((await examineText(text)).deploys).toEqual(['staging'])
    const sent = await examineText(text, { inputs: { to: 'production', where: 'eu' } })
    expect(sent.deploys).toEqual(['production', 'eu'])
  })

  it('come from the inputs of the event, which have the defaults, too, as texts', async () => {
    const text = workflow(
      {
        a: `if: "github.event.inputs.dry == 'false' && github.event.inputs.none == ''", environment: "\${{ github.event.inputs.to }}"`,
      },
      'on: { workflow_dispatch: { inputs: { to: { default: staging }, dry: { type: boolean, default: false }, none: {} } } }',
    )
    expect((await examineText(text)).deploys).toEqual(['staging'])
    expect((await examineText(text, { inputs: { dry: 'true' } })).deploys).toEqual([])
  })

  it('are spelt as they were asked for', async () => {
    const text = workflow({ a: `environment: Production` })
    expect((await examineText(text, { environment: 'production' })).deploys).toEqual(['production'])
  })
})

describe('matrices', () => {
  it('make a job for each combination, with includes and excludes', async () => {
    const text = workflow({
      test: `strategy: { matrix: { node: [22, 24], os: [linux, mac], exclude: [{ node: 22, os: mac }], include: [{ os: linux, fast: true }, { node: 26, os: arm }] } }`,
      deploy: `needs: test, strategy: { matrix: { region: [eu, us] } }, environment: "production-\${{ matrix.region }}"`,
    })
    const report = await examineText(text)
    expect(report.jobs.map(({ id }) => id)).toEqual([
      'test (22, linux, true)',
      'test (24, linux, true)',
      'test (24, mac)',
      'test (26, arm)',
      'deploy (eu)',
      'deploy (us)',
    ])
    expect(report.deploys).toEqual(['production-eu', 'production-us'])
  })

  it('are evaluated, and unknown where they depend on a step', async () => {
    const text = workflow({
      setup: `outputs: { list: "\${{ steps.x.outputs.list }}" }`,
      known: `strategy: { matrix: { n: "\${{ fromJSON('[1, 2]') }}" } }`,
      open: `needs: setup, strategy: { matrix: { to: "\${{ fromJSON(needs.setup.outputs.list) }}" } }, environment: "\${{ matrix.to }}"`,
      after: `needs: open, environment: production`,
    })
    const report = await examineText(text)
    expect(jobLines(report)).toEqual([
      'setup: runs, it needs no other job',
      'known (1): runs, it needs no other job',
      'known (2): runs, it needs no other job',
      'open: unknown, its matrix depends on needs.setup.outputs.list',
      'after: unknown, it needs open, and whether that runs is not known [production]',
    ])
    expect(report.unknown).toEqual([
      'the environment of open depends on needs.setup.outputs.list.to',
      'whether after runs: it needs open, and whether that runs is not known',
    ])
  })
})
