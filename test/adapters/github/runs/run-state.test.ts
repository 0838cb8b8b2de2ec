import { describe, expect, it } from 'vitest'
import type { WorkflowJob, WorkflowRun } from '../../../../src/adapters/github/payloads.ts'
import {
  currentStep,
  verdictOf,
  type EndedRun,
} from '../../../../src/adapters/github/runs/run-state.ts'
import { hasStarted, targetJobs } from '../../../../src/adapters/github/runs/target-job.ts'

function job(name: string, conclusion: string | null, failing?: string): WorkflowJob {
  const done = conclusion !== null
  const step = { name: failing ?? 'work', number: 1, status: done ? 'completed' : 'in_progress' }
  const started = conclusion !== 'skipped'
  return {
    id: name,
    name,
    status: done ? 'completed' : 'in_progress',
    conclusion,
    started_at: null,
    completed_at: null,
    steps: started ? [{ ...step, conclusion: failing ? 'failure' : conclusion }] : [],
  }
}

function verdict(conclusion: string, jobs: WorkflowJob[], changes: Partial<EndedRun> = {}) {
  const titles = changes.titles ?? ['deploy']
  const run = { conclusion, run_attempt: 1 } as WorkflowRun
  return verdictOf({
    run,
    jobs,
    targets: targetJobs(jobs, titles),
    titles,
    environment: 'production',
    rejection: null,
    ...changes,
  })
}

describe('the outcome of a deployment', () => {
  it('is that of its own job', () => {
    expect(verdict('success', [job('build', 'success'), job('deploy', 'success')])).toEqual({
      state: 'succeeded',
      step: null,
      cause: null,
    })
  })

  it('is a failure when the run is green and its job was skipped', () => {
    expect(verdict('success', [job('build', 'success'), job('deploy', 'skipped')])).toEqual({
      state: 'failed',
      step: null,
      cause: 'the run was green, but its job deploy was skipped: its condition was not met',
    })
  })

  it('is a failure when the run is green and its job is not there', () => {
    const missing = verdict('success', [job('build', 'success')])
    expect(missing).toMatchObject({ state: 'failed' })
    expect(missing.cause).toBe('the run was green, but its job deploy is not among those that ran')
    const unknown = verdict('success', [job('build', 'success')], { titles: [] })
    expect(unknown).toMatchObject({ state: 'failed' })
    expect(unknown.cause).toContain('none of its jobs is known to deploy to production')
  })

  it('blames the job and step because of which it was skipped', () => {
    const jobs = [job('approval', 'failure', 'Verify'), job('deploy', 'skipped')]
    expect(verdict('failure', jobs)).toEqual({
      state: 'failed',
      step: 'approval / Verify',
      cause: 'job approval failed at step Verify, so its job deploy was skipped',
    })
  })

  it('is a success although a later job failed, and says so', () => {
    const jobs = [job('deploy', 'success'), job('notify', 'failure', 'Post')]
    expect(verdict('failure', jobs)).toEqual({
      state: 'succeeded',
      step: null,
      cause: 'it was deployed; job notify failed at step Post in the same run',
    })
  })

  it('wants every job of a matrix to succeed', () => {
    const jobs = [job('deploy (eu)', 'success'), job('deploy (us)', 'failure', 'Switch')]
    expect(verdict('failure', jobs)).toMatchObject({
      state: 'failed',
      step: 'deploy (us) / Switch',
    })
  })

  it.each([
    ['cancelled', 'cancelled', 'it was cancelled on GitHub'],
    ['timed_out', 'failed', 'job deploy failed at step work: out of time'],
    ['stale', 'lost', 'GitHub gave it up without an outcome (stale)'],
    ['neutral', 'failed', 'GitHub calls it neutral'],
    ['brand_new', 'failed', 'GitHub calls it brand_new'],
  ])('of a job that is %s is %s', (conclusion, state, cause) => {
    const jobs = [job('deploy', conclusion)]
    expect(verdict(conclusion, jobs)).toMatchObject({ state, cause })
  })

  it('of a run that was cancelled before it deployed says what may have done that', () => {
    const waiting = { ...job('deploy', 'cancelled'), steps: [] }
    for (const jobs of [[], [waiting]]) {
      expect(verdict('cancelled', jobs)).toMatchObject({
        state: 'cancelled',
        cause: expect.stringContaining('by a newer run of its concurrency group'),
      })
    }
  })

  it('of a workflow that GitHub could not start is a failure', () => {
    expect(verdict('startup_failure', [])).toMatchObject({
      state: 'failed',
      cause: 'GitHub could not start it: the workflow has an error',
    })
  })

  it('is who rejected it, and of which attempt it is', () => {
    const run = { conclusion: 'failure', run_attempt: 2 } as WorkflowRun
    const rejected = verdict('failure', [job('deploy', 'failure')], {
      run,
      rejection: 'rejected for production by olga: not today',
    })
    expect(rejected.cause).toBe('rejected for production by olga: not today (attempt 2)')
  })
})

const found = (jobs: string[], titles: string[]) =>
  targetJobs(
    jobs.map((name) => job(name, 'success')),
    titles,
  ).map(({ name }) => name)

describe('the job of a deployment', () => {
  it('is found by its title, in a matrix and behind a call', () => {
    const all = ['build', 'deploy', 'deploy-docs', 'predeploy']
    expect(found(all, ['deploy'])).toEqual(['deploy'])
    expect(found(['build', 'deploy (eu)', 'deploy (us)'], ['deploy'])).toHaveLength(2)
    expect(found(['build', 'release / deploy'], ['deploy'])).toEqual(['release / deploy'])
    expect(found(['release / build', 'release / deploy'], ['release'])).toHaveLength(2)
  })

  it('has switched nothing before it began', () => {
    const waiting = { ...job('deploy', null), status: 'waiting', steps: [] }
    expect(hasStarted(waiting)).toBe(false)
    expect(hasStarted(job('deploy', 'skipped'))).toBe(false)
    expect(hasStarted({ ...job('deploy', 'failure'), steps: [] })).toBe(false)
    expect(hasStarted(job('deploy', null))).toBe(true)
    expect(hasStarted(job('deploy', 'cancelled'))).toBe(true)
  })

  it('tells where it is, and in which attempt', () => {
    const running = { ...job('deploy', null), run_attempt: 2 }
    expect(currentStep([job('build', 'success'), running])).toBe('attempt 2: deploy / work')
  })
})
