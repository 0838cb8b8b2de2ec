import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createLocalPipeline } from '../../../src/adapters/local/pipeline.ts'
import { claimedPid, createBench, killAt, until, witnessed } from './harness.ts'

it.concurrent.each([
  { point: 'runner.claimed', ran: [], state: 'lost', switched: false },
  { point: 'runner.exported', ran: [], state: 'lost', switched: false },
  { point: 'runner.prepared', ran: ['prepared'], state: 'lost', switched: false },
  { point: 'runner.switched', ran: ['prepared'], state: 'lost', switched: true },
  { point: 'runner.activated', ran: ['prepared', 'activated'], state: 'lost', switched: true },
  {
    point: 'runner.outcome-written',
    ran: ['prepared', 'activated'],
    state: 'succeeded',
    switched: true,
  },
])('at $point is never carried out again: $state', async ({ point, ran, state, switched }) => {
  await using own = await createBench()
  const mortal = createLocalPipeline({ ...own.deps, ownEnvironment: killAt(point) })
  const where = own.environment(
    { prepare: [witnessed('prepared')], activate: [witnessed('activated')] },
    { pass_env: ['GONOGO_TEST_KILL_AT'] },
  )
  const request = own.request(where)
  const run = await own.finish(request, mortal)
  expect(run).toMatchObject({ state, switched })
  if (state === 'lost') expect(run.cause).toContain('died without recording')

  const pid = await claimedPid(own, request.deployment.id)
  await until('the runner to be gone', async () => !(await own.processes.startTime(pid)))
  const said = await readFile(own.runPath(request.deployment.id, 'runner.log'), 'utf8')
  expect(said).toBe('')
  expect(await own.pipeline.start(request)).toMatchObject({ state, switched })
  expect(await own.witnesses()).toEqual(ran)
})
