import { afterEach, expect, it } from 'vitest'
import { openBench, type Bench } from '../bench.ts'

/** No job names an environment, so GitHub records no deployment by itself. */
const unnamed = `
name: Unnamed
on: { workflow_dispatch: { inputs: { sha: { type: string }, deployment_id: { type: string } } } }
run-name: put it there (\${{ inputs.deployment_id }})
jobs:
  put:
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

let bench: Bench
afterEach(async () => {
  const { violations } = bench.hub
  await bench[Symbol.asyncDispose]()
  expect(violations).toEqual([])
})

const scenario = () => ({ conclusion: 'success' as const, durationMs: 30_000 })

async function open() {
  const files = { '.github/workflows/unnamed.yml': unnamed }
  bench = await openBench({ workflow: 'unnamed.yml', files, scenario })
  const environment = {
    ...bench.environment,
    github: { ...bench.environment.github, job: 'put' },
  }
  const process = () => bench.process({ environments: [environment] })
  const request = { ...bench.request(), environment }
  /** What whoever drives it does: look, and tell GitHub how it stands. Here two do it at once. */
  const drive = async () => {
    for (let look = 0; look < 4; look++) {
      const [one, other] = [process(), process()]
      const run = await one.find(request.deployment)
      if (run) {
        await Promise.all([one, other].map((each) => each.report!(request.deployment, run)))
      }
      await bench.hub.clock.advance(20_000)
    }
  }
  await process().start(request)
  return { request, drive, process }
}

const posted = () =>
  bench.hub.requests.filter(({ method, path }) => method === 'POST' && /\/deployments/.test(path))

it('a workflow that names no environment gets one record, with each status once', async () => {
  const { request, drive, process } = await open()
  await drive()
  const { id, release } = request.deployment
  const [made, ...statuses] = posted()
  expect(made!.body).toEqual({
    ref: release.sha,
    environment: 'production',
    auto_merge: false,
    required_contexts: [],
    payload: { gonogo: id },
    description: `v1.0.0 by gonogo (${id})`,
  })
  expect(statuses.map(({ body }) => (body as { state: string }).state)).toEqual([
    'in_progress',
    'success',
  ])
  expect(await process().observed!()).toEqual([])
  expect(await process().current(request.environment)).toEqual(release)
})

it('an answer that was lost is looked up, and nothing is made twice', async () => {
  const { drive } = await open()
  bench.fault({ method: 'POST', path: /\/deployments$/, kind: { type: 'lose_answer' } })
  bench.fault({ method: 'POST', path: /\/statuses$/, kind: { type: 'lose_answer' } })
  await drive()
  const made = posted().filter(({ path }) => path.endsWith('/deployments'))
  expect(made).toHaveLength(1)
  const states = posted().flatMap(({ body }) => (body as { state?: string }).state ?? [])
  expect(new Set(states).size).toBe(states.length)
  expect(states.at(-1)).toBe('success')
})

it('a record that a step of the run made is taken, and no second one is made', async () => {
  const { request, drive } = await open()
  const token = bench.hub.person('vendor')
  const url = `${bench.hub.apiUrl}/repos/acme/clinic/deployments`
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return (await response.json()) as { id: number }
  }
  const { sha } = request.deployment.release
  const given = { ref: sha, environment: 'production', required_contexts: [], auto_merge: false }
  const { id } = await post('', given)
  const log_url = (await bench.pipeline.find(request.deployment))!.logs_url
  await post(`/${id}/statuses`, { state: 'in_progress', log_url })
  await drive()
  expect(posted().filter(({ login }) => login === 'gonogo-bot')).toEqual([])
})

it('a token that may not write it keeps no deployment from going on, and the record says why', async () => {
  const { request, drive, process } = await open()
  bench.hub.settings.missingPermissions.add('deployments=write')
  await drive()
  expect(posted().length).toBeLessThanOrEqual(4)
  expect(await process().find(request.deployment)).toMatchObject({ state: 'succeeded' })
  expect((await bench.record(request)).report_problem).toContain('deployments=write')
  // Our own record of the run still tells what runs.
  expect(await process().current(request.environment)).toEqual(request.deployment.release)
})
