import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGitHubClient } from '../../../../src/adapters/github/client/client.ts'
import { readArchiveStep } from '../../../../src/adapters/github/logs/archive-step.ts'
import { createProcesses } from '../../../../src/adapters/process/processes.ts'
import { openBench } from '../bench.ts'

test('the step that failed, out of what GitHub keeps of it, until it is gone', async () => {
  await using bench = await openBench()
  const { hub, how, pipeline, state } = bench
  how.scenario = ({ id }) =>
    id === 'deploy'
      ? { conclusion: 'failure', failingStep: 'Switch', logs: { Switch: 'asking\nno such host' } }
      : { conclusion: 'success', durationMs: 20_000 }
  const request = bench.request()
  const { deployment } = request
  await pipeline.start(request)
  await hub.clock.advance(5000)
  expect((await pipeline.log(deployment)).text).toMatch(/^== build( \/ Compile)? \(running\) ==\n$/)

  const run = await bench.watch(deployment)
  const { text } = await pipeline.log(deployment)
  expect(text).toMatch(/^== Deploy it \/ Switch \(failed\) ==\n/)
  expect(text).toContain('\nno such host\n')
  expect(text).not.toContain('compiled')

  const before = hub.requests.length
  expect((await bench.process().log(deployment)).text).toBe(text)
  expect(hub.requests.slice(before).filter(({ counted }) => counted)).toEqual([])

  const client = createGitHubClient({
    settings: bench.settings,
    token: hub.token,
    onToken: () => undefined,
    shutdown: new AbortController().signal,
    stateDirectory: state,
    repository: bench.repository.directory,
    processes: createProcesses(),
    runtime: bench.runtime,
    commandEnv: {},
    env: {},
    version: '0.0.0',
  })
  const route = '/actions/runs/{run_id}/logs'
  const part = await readArchiveStep(
    (range) => client.download(route, { run_id: run.run_id }, range && { range }),
    {
      job: 'Deploy it',
      step: { number: 2 },
      limits: { lines: 3, bytes: 1000 },
      scratch: join(state, 'scratch'),
    },
  )
  expect(part).toEqual({ lines: expect.arrayContaining(['no such host']), problem: null })

  hub.actions.expireLogs(run.run_id)
  await rm(join(state, 'github', 'logs'), { recursive: true })
  expect((await pipeline.log(deployment)).text).toMatch(/GitHub has no log of it.*expired ==\n$/)
  expect(hub.violations).toEqual([])
})
