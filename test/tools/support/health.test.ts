import { expect, it } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { WorkerStep } from '../../../src/core/smoke.ts'
import { askEndpoints, askHealth } from '../../../src/tools/support/health.ts'
import { answer, useServers } from '../../adapters/probe/servers.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject, smokeSuites } from '../../support/fake-project.ts'

const servers = useServers()

function worker(name: string, path: string): WorkerStep {
  return {
    kind: 'worker',
    name,
    timeout_seconds: 5,
    parallel: false,
    retry: { attempts: 9, delay_seconds: 60 },
    source: { from: 'endpoint', path, headers: {}, workers: 'there', last_seen: null },
    at_least: 1,
    max_age_seconds: null,
  }
}

/** A live system with these answers, and who asks it. */
async function live(answers: Record<string, unknown>, workers: WorkerStep[] = []) {
  const url = await servers.http(({ url: path }, response) =>
    path in answers ? answer(response, answers[path]) : answer(response, {}, 404),
  )
  const health = { api: `${url}/health` }
  const environment = fakeEnvironment('staging', { url, health })
  const smoke = smokeSuites({ full: workers })
  const project = fakeProject({ environments: [environment], smoke })
  const probe = createProbe({ now: () => Date.now() })
  return { environment, ...makeWorld({ project, probe }) }
}

it('a component that says it is degraded under a 200 is unhealthy', async () => {
  const { call, environment } = await live({ '/health': { status: 'degraded' } })
  expect(await askHealth(call, environment)).toMatchObject({
    api: { status: 'unhealthy', message: 'answered 200, but says degraded' },
  })
})

it('so is one that says it in plain text, or in a way that cannot be read', async () => {
  const { call, environment } = await live({ '/health': 'Degraded' })
  const ill = { status: 'unhealthy', message: 'answered 200, but says Degraded' }
  expect(await askHealth(call, environment)).toMatchObject({ api: ill })
  const url = await servers.http((request, response) => {
    if (request.url === '/own') response.setHeader('content-encoding', 'own')
    response.end('Degraded')
  })
  const other = { ...environment, health: { plain: url, packed: `${url}/own` } }
  expect(await askEndpoints(call, other)).toMatchObject({
    plain: ill,
    packed: {
      status: 'unhealthy',
      message: 'the answer has the encoding "own", which is not read',
    },
  })
})

it('asks about the workers of the smoke tests, too: what cannot be asked is unknown', async () => {
  const { call, environment } = await live(
    { '/health': { status: 'ok' }, '/workers': { there: ['one'] }, '/beat': { there: [] } },
    [
      worker('celery_worker', '/workers'),
      worker('celery_beat', '/beat'),
      worker('mailer', '/nowhere'),
    ],
  )
  expect(await askHealth(call, environment)).toMatchObject({
    api: { status: 'healthy', message: 'answered 200' },
    celery_worker: { status: 'healthy' },
    celery_beat: { status: 'unhealthy', message: '0 of at least 1 worker(s) are there' },
    mailer: { status: 'unknown', message: 'the endpoint answered 404' },
  })
  expect(Object.keys(await askEndpoints(call, environment))).toEqual(['api'])
})

it('a worker is unknown where its variables cannot be read', async () => {
  const { call, environment } = await live({}, [worker('celery_worker', '/workers')])
  const variables = { of: () => Promise.reject(new Error('no such file')) }
  expect(await askHealth({ ...call, variables }, environment)).toMatchObject({
    celery_worker: { status: 'unknown' },
  })
})
