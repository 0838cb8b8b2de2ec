import { describe, expect, it } from 'vitest'
import type { CommitChecks, CommitContext } from '../../../src/core/commit-checks.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'

type States = Record<string, CommitContext['state']>

/** What validation makes of these results of the commit's checks. */
async function validate(states: States, required: string[] | null) {
  const world = makeWorld({ project: { ...fakeProject(), tests: [] } })
  const asked: string[] = []
  const contexts = Object.entries(states).map(([name, state]) => ({
    name,
    state,
    source: 'check_run' as const,
    url: null,
  }))
  world.call.commitRecords = {
    describe: () => 'acme/clinic',
    async checks(sha): Promise<CommitChecks> {
      asked.push(sha)
      return { sha, branch: 'main', contexts, complete: true, required, problems: [] }
    },
  }
  const args = { environment: 'staging', git_ref: 'v1' }
  const { output } = await validateDeployment.call(args, world.call)
  const checks = output.checks as { check_name: string }[]
  const check = checks.find(({ check_name }) => check_name === 'tests_passed')
  const again = async () => (await validateDeployment.call(args, world.call)).output
  return {
    check,
    asked,
    again,
    dry: await validateDeployment.call({ ...args, dry_run: true }, world.call),
  }
}

describe('tests_passed without commands of our own', () => {
  it('is what the platform recorded about exactly this commit', async () => {
    const { check, asked } = await validate({ unit: 'passed', e2e: 'passed' }, ['unit'])
    expect(check).toMatchObject({
      status: 'passed',
      ran: true,
      message: '1 required check(s) passed: unit',
    })
    expect(asked[0]).toBe('1'.repeat(40))
  })

  it.each<[string, States, string[] | null, boolean]>([
    ['a required one failed', { unit: 'failed' }, ['unit'], true],
    ['a required one was skipped', { unit: 'skipped' }, ['unit'], true],
    ['a required one never ran', { other: 'passed' }, ['unit'], true],
    ['it still runs', { unit: 'pending' }, ['unit'], false],
    ['nothing ran at all', {}, null, false],
    ['none is required and all were skipped', { unit: 'skipped' }, [], false],
  ])('is no pass when %s', async (_, states, required, ran) => {
    expect((await validate(states, required)).check).toMatchObject({ status: 'failed', ran })
  })

  it('is asked again each time, since it may change', async () => {
    const { asked, again } = await validate({ unit: 'passed' }, ['unit'])
    await again()
    expect(asked).toHaveLength(2)
  })

  it('says in a dry run whom it would ask', async () => {
    const { dry, asked } = await validate({ unit: 'passed' }, ['unit'])
    expect(JSON.stringify(dry.output)).toContain('would ask acme/clinic for the checks of v1')
    expect(asked).toHaveLength(1)
  })
})
