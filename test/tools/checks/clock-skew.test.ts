import { onTestFinished, expect, it } from 'vitest'
import { clockSkew } from '../../../src/tools/checks/clock-skew.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import { openGitHub } from './on-github.ts'

/** What is said of a GitHub whose clock is ahead of ours by so much. */
async function skewedBy(ms: number) {
  const bench = await openGitHub({ clock: { manual: true, start: Date.now() + ms } })
  onTestFinished(bench.close)
  return { ...bench, check: await bench.ask(clockSkew) }
}

it('passes while both clocks agree', async () => {
  const { check } = await skewedBy(5000)
  expect(check).toMatchObject({ status: 'passed', ran: true })
  expect(check.details['github_ahead_ms']).toBeGreaterThan(2000)
})

it.each([
  [90_000, 'behind'],
  [-90_000, 'ahead of'],
])('fails when GitHub is %i ms ahead, and says how to set the clock', async (ms, way) => {
  const { check } = await skewedBy(ms)
  expect(check).toMatchObject({
    status: 'failed',
    ran: true,
    message: `this machine's clock is more than a minute ${way} GitHub's, and approvals and evidence expire by it: sudo timedatectl set-ntp true`,
  })
})

it('could not run without an answer, or without a time in it', async () => {
  const { hub, ask } = await skewedBy(0)
  hub.faults.push({ path: /./, times: 9, kind: { type: 'status', status: 500 } })
  const broken = await ask(clockSkew)
  expect(broken).toMatchObject({
    status: 'warning',
    ran: false,
    message: expect.stringContaining('GitHub answered 500'),
  })
  const { call, pipeline } = makeWorld()
  const subject = {} as Parameters<typeof clockSkew.run>[0]
  const silent = await clockSkew.run(
    { ...subject, environment: fakeEnvironment('production') },
    { ...call, pipeline: { ...pipeline, clockAhead: async () => null } },
    new AbortController().signal,
  )
  expect(silent).toMatchObject({ ran: false, message: 'GitHub did not tell its time' })
})

it('is no part of a plan, and is not listed where there is no such clock', () => {
  expect(clockSkew.onlyInValidation).toBe(true)
  expect(clockSkew.applies?.(makeWorld().call, fakeEnvironment('production'))).toBe(false)
})
