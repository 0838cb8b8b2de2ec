import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAnchors } from '../../../src/adapters/github/anchors/anchors.ts'
import {
  shortCheckpoint,
  wholeCheckpoint,
} from '../../../src/adapters/github/anchors/short-checkpoint.ts'
import { readDeployments } from '../../../src/adapters/github/deployments/read-deployments.ts'
import type { PlatformAnchors } from '../../../src/ports/pipeline.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { api } from './approvals/said.ts'
import { openBench, type Bench } from './bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

const { privateKey } = generateKeyPairSync('ed25519')

/** A signed note of so many lines. */
function checkpoint(size: number, name = 'gonogo/clinic'): string {
  const root = createHash('sha256').update(String(size)).digest('base64')
  const text = `${name}\n${size}\n${root}\n`
  const signature = sign(null, Buffer.from(text), privateKey)
  const signed = Buffer.concat([Buffer.from('c0ffee00', 'hex'), signature]).toString('base64')
  return `${text}\n\u2014 ${name} ${signed}\n`
}

function anchors(change: {
  git_ref?: string | null
  github_deployment?: boolean
}): PlatformAnchors {
  const project = fakeProject()
  const all = { ...project.audit.anchors, ...change }
  const own = { ...project, audit: { ...project.audit, anchors: all } }
  return createAnchors(bench.parts({ project: own }))!
}

const notes = async (of: PlatformAnchors) => (await of.list()).found.map((one) => one.checkpoint)

it('a checkpoint of any size that a log can have fits into a description, and comes back whole', () => {
  for (const size of [1, 35, 36, 123_456, 60_466_175]) {
    const note = checkpoint(size)
    const text = shortCheckpoint('gonogo/clinic', note)!
    expect(text.length).toBeLessThanOrEqual(140)
    expect(wholeCheckpoint('gonogo/clinic', text)).toBe(note)
  }
  expect(shortCheckpoint('gonogo/clinic', checkpoint(60_466_176))).toBeNull()
  expect(shortCheckpoint('gonogo/clinic', checkpoint(7, 'gonogo/shop'))).toBeNull()
  expect(wholeCheckpoint('gonogo/clinic', 'deployed by a person')).toBeNull()
})

it('on a deployment it is one more status, of the state it is in; without one there is no place', async () => {
  const on = anchors({ github_deployment: true })
  expect(await on.put(checkpoint(1))).toEqual([])
  const request = bench.request()
  await bench.pipeline.start(request)
  await bench.watch(request.deployment)
  const ends = async () => {
    const reading = { client: bench.parts().client, memory: { deployments: new Map() } }
    const [facts] = await readDeployments(reading as never, 'production')
    return facts!.ended_at
  }
  const ended = await ends()
  await bench.hub.clock.advance(60_000)
  const [kept] = await on.put(checkpoint(2))
  expect(kept?.place).toMatch(/^deployment \d+ to production on GitHub$/)
  await bench.hub.clock.advance(2000)
  await on.put(checkpoint(3))
  expect(await notes(on)).toEqual([checkpoint(2), checkpoint(3)])
  const [{ id }] = await api<[{ id: number }]>(bench.hub, bench.hub.token, 'GET', '/deployments')
  const statuses = await api<{ state: string; log_url: string }[]>(
    bench.hub,
    bench.hub.token,
    'GET',
    `/deployments/${id}/statuses`,
  )
  expect(new Set(statuses.slice(0, 3).map(({ state }) => state))).toEqual(new Set(['success']))
  expect(new Set(statuses.slice(0, 3).map(({ log_url }) => log_url)).size).toBe(1)
  // When it ended and what it runs are read as before.
  expect(await ends()).toBe(ended)
  expect(await bench.pipeline.current(bench.environment)).toEqual(request.deployment.release)
})

it('on a ref each follows the one before, and none is written twice', async () => {
  const ref = 'refs/gonogo/audit'
  const on = anchors({ git_ref: ref })
  expect(await on.list()).toEqual({ found: [], unread: [] })
  for (const size of [1, 2, 2, 3]) expect(await on.put(checkpoint(size))).toEqual([{ place: ref }])
  expect(await notes(on)).toEqual([1, 2, 3].map((size) => checkpoint(size)))
  const forced = bench.hub.requests.filter(
    ({ path, body }) => path.includes('git/refs') && (body as { force?: boolean })?.force === true,
  )
  expect(forced).toEqual([])
})

it('is tried everywhere before what failed is told', async () => {
  const on = anchors({ git_ref: 'refs/gonogo/other', github_deployment: true })
  bench.hub.settings.missingPermissions.add('deployments=write')
  await expect(on.put(checkpoint(9))).rejects.toMatchObject({
    message: expect.stringContaining('lacks deployments=write'),
  })
  bench.hub.settings.missingPermissions.clear()
  expect(await notes(anchors({ git_ref: 'refs/gonogo/other' }))).toEqual([checkpoint(9)])
  expect(createAnchors(bench.parts())).toBeUndefined()
  expect(bench.hub.violations).toEqual([])
})
