import { describe, expect, it } from 'vitest'
import { reachedStep, stepsOf, type Course } from '../../../src/cli/live/steps.ts'
import type { Deployment } from '../../../src/core/deployment.ts'
import { plan } from '../../core/plans.ts'
import { fakeProject } from '../../support/fake-project.ts'

const step = (phase: 'prepare' | 'activate', name: string) => ({ phase, name, run: ['true'] })
const steps = [step('prepare', 'install'), step('prepare', 'migrate'), step('activate', 'restart')]

function course(row: Partial<Deployment>, run: Course['run'], more: Partial<Course> = {}): Course {
  const base = plan()
  return {
    row: {
      environment: 'production',
      phase: 'running',
      status: 'in_progress',
      fault: null,
      ...row,
    } as Deployment,
    plan: { ...base, verify: 'basic', pipeline: { ...base.pipeline, steps } },
    run,
    checks: [],
    reached: -1,
    ...more,
  }
}

/** The states of the planned steps, and then of the verification. */
function states(of: Course): string {
  return stepsOf(of, fakeProject())
    .map(({ name, state }) => `${name} ${state}`)
    .slice(0, 3)
    .join(', ')
}

const verification = (of: Course) => stepsOf(of, fakeProject()).slice(3)
const fault = { phase: 'running' as const, step: 'migrate', cause: 'exited with 1' }

describe('the steps of a deployment', () => {
  it.each<[string, Course, string]>([
    [
      'nothing is known before the run names a step',
      course({}, { step: null, switched: false }),
      'install to_come, migrate to_come, restart to_come',
    ],
    [
      'those before the one that runs are done',
      course({}, { step: 'migrate', switched: false }),
      'install done, migrate now, restart to_come',
    ],
    [
      'between two steps the last one that was seen is done',
      course({}, { step: null, switched: true }, { reached: 1 }),
      'install done, migrate done, restart to_come',
    ],
    [
      'all are done while the live system is asked',
      course({ phase: 'verifying' }, null),
      'install done, migrate done, restart done',
    ],
    [
      'the one that failed is told from those that never ran',
      course({ phase: 'ended', status: 'failure', fault }, { step: 'migrate', switched: false }),
      'install done, migrate failed, restart left_out',
    ],
  ])('%s', (_, of, wanted) => {
    expect(states(of)).toBe(wanted)
  })

  it('never go back, and a name that is in both phases is the one of the phase', () => {
    const twice = [step('prepare', 'check'), step('activate', 'check')]
    const of = course({}, null)
    const { plan: base } = of
    const doubled = { ...base, pipeline: { ...base.pipeline, steps: twice } }
    const at = (switched: boolean, reached = -1) =>
      reachedStep({ plan: doubled, run: { step: 'check', switched }, reached })
    expect([at(false), at(true), at(false, 1)]).toEqual([0, 1, 1])
  })

  it('end with what the live system is asked, and with what it answered', () => {
    const open = verification(course({ phase: 'verifying' }, null))
    expect(open.map(({ state }) => state)).not.toContain('done')
    expect(open.at(-1)).toMatchObject({ name: 'smoke tests', text: 'the basic suite decides' })
    const check = { check_name: 'smoke_tests', status: 'failed' as const, message: '1 of 5 failed' }
    const answered = verification(
      course({ phase: 'ended', status: 'failure' }, null, { checks: [check] }),
    )
    expect(answered.at(-1)).toMatchObject({ state: 'failed', text: '1 of 5 failed' })
  })
})
