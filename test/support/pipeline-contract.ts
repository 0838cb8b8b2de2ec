import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Environment } from '../../src/core/project.ts'
import type { Pipeline, Run, RunOf, RunRequest } from '../../src/ports/pipeline.ts'
import { until } from './until.ts'

/** A pipeline with something to deploy, as the contract needs it. */
export interface PipelineUnderTest extends AsyncDisposable {
  pipeline: Pipeline
  /** What another process would have: the same state, nothing else in common. */
  other(): Pipeline
  environment: Environment
  /** A run that prints `deployed it`, one that fails in the step `Switch`, one that goes on for minutes. */
  request(how: 'succeeds' | 'fails' | 'goes-on'): RunRequest
  /** How many runs there really were for a deployment. */
  runs(id: string): Promise<number>
  /** Lets time pass, where it does not by itself. */
  pass(): Promise<void>
}

/** What every pipeline promises, whatever carries its runs out. */
export function pipelineContract(
  name: string,
  open: () => Promise<PipelineUnderTest>,
  patienceMs = 30_000,
): void {
  describe(`what a pipeline promises: ${name}`, { timeout: 2 * patienceMs }, () => {
    let subject: PipelineUnderTest
    beforeAll(async () => void (subject = await open()))
    afterAll(() => subject[Symbol.asyncDispose]())

    async function reach(deployment: RunOf, wanted: readonly Run['state'][]): Promise<Run> {
      const look = async () => {
        const run = await subject.pipeline.find(deployment)
        if (run && wanted.includes(run.state)) return run
        await subject.pass()
        return null
      }
      return await until(`a run that is ${wanted.join(' or ')}`, look, patienceMs)
    }
    const ended = (deployment: RunOf) =>
      reach(deployment, ['succeeded', 'failed', 'cancelled', 'lost', 'refused'])

    it('knows nothing of a deployment that was not started, and describing it starts nothing', async () => {
      const { deployment, environment } = subject.request('succeeds')
      const intent = { action: 'deploy', environment, release: deployment.release } as const
      const described = await subject.pipeline.describe(intent)
      expect(described.steps.length).toBeGreaterThan(0)
      expect(await subject.other().describe(intent)).toEqual(described)
      expect(await subject.pipeline.find(deployment)).toBeNull()
      expect(await subject.pipeline.log(deployment)).toEqual({ text: '', cursor: 0 })
      expect(await subject.runs(deployment.id)).toBe(0)
    })

    it('starts one run, however often and from wherever it is asked', async () => {
      const request = subject.request('succeeds')
      const [one, other] = await Promise.all([
        subject.pipeline.start(request),
        subject.other().start(request),
      ])
      const again = await subject.other().start(request)
      expect([other.run_id, again.run_id]).toEqual([one.run_id, one.run_id])

      const run = await ended(request.deployment)
      expect(run).toMatchObject({ run_id: one.run_id, state: 'succeeded', switched: true })
      expect(await subject.runs(request.deployment.id)).toBe(1)
      expect((await subject.pipeline.log(request.deployment)).text).toContain('deployed it')
      expect(await subject.pipeline.current(subject.environment)).toEqual(
        request.deployment.release,
      )
    })

    it('says which step failed, and leaves a run that has ended as it is', async () => {
      const request = subject.request('fails')
      await subject.pipeline.start(request)
      const run = await ended(request.deployment)
      expect(run).toMatchObject({ state: 'failed', step: expect.stringContaining('Switch') })
      expect(run.cause).toContain('Switch')
      expect(await subject.pipeline.cancel(request.deployment)).toMatchObject({ state: 'failed' })
    })

    it('ends a run that goes on, and again does no harm', async () => {
      const request = subject.request('goes-on')
      await subject.pipeline.start(request)
      await reach(request.deployment, ['running'])
      expect(await subject.other().cancel(request.deployment)).toMatchObject({ state: 'cancelled' })
      expect(await subject.pipeline.cancel(request.deployment)).toMatchObject({
        state: 'cancelled',
      })
      expect(await subject.pipeline.find(request.deployment)).toMatchObject({ state: 'cancelled' })
    })

    it('never starts what was cancelled before', async () => {
      const request = subject.request('succeeds')
      expect(await subject.pipeline.cancel(request.deployment)).toMatchObject({ state: 'refused' })
      await expect(subject.other().start(request)).rejects.toMatchObject({
        code: 'run_not_started',
      })
      expect(await subject.pipeline.find(request.deployment)).toMatchObject({ state: 'refused' })
      expect(await subject.runs(request.deployment.id)).toBe(0)
    })
  })
}
