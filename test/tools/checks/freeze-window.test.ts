import { expect, test } from 'vitest'
import type { FreezeWindow } from '../../../src/core/freeze.ts'
import { freezeWindow } from '../../../src/tools/checks/freeze-window.ts'
import { hour, makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { subjectFor } from './subject.ts'

/** The world's clock begins at midnight of 2030-01-01 in UTC. */
const newYear: FreezeWindow = {
  name: 'new year',
  environments: [],
  time_zone: 'America/New_York',
  kind: 'dates',
  from: '2029-12-24',
  to: '2030-01-01',
}

async function run(freeze: FreezeWindow[], environment = 'production', passed = 0) {
  const world = makeWorld({ project: fakeProject({ freeze }) })
  world.pass(passed)
  const subject = subjectFor(world.call, environment)
  return await freezeWindow.run(subject, world.call, world.call.signal)
}

test('an open window fails, and says until when and what a person does about it', async () => {
  const check = await run([newYear])
  expect(check).toMatchObject({
    status: 'failed',
    ran: true,
    message:
      'frozen by new year until 2030-01-02T05:00:00.000Z: wait, or ask for it with override_freeze and a reason, which a person approves',
    details: { open: 'new year', until: '2030-01-02T05:00:00.000Z', windows: [newYear] },
  })
  // It is part of what is signed, so it holds still while time goes by.
  expect(await run([newYear], 'production', 28 * hour)).toEqual(check)
  expect(await run([newYear], 'production', 29 * hour)).toMatchObject({
    status: 'passed',
    ran: true,
    message: 'no freeze window is open',
  })
})

test('a freeze without an end says so', async () => {
  const always: FreezeWindow = {
    ...newYear,
    kind: 'weekly',
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    from: '00:00',
    to: '00:00',
  }
  expect((await run([always])).message).toBe(
    'frozen by new year; no end is in sight: ask for it with override_freeze and a reason, which a person approves',
  )
})

test('is not listed where no window is for the environment', () => {
  const { call } = makeWorld({ project: fakeProject({ freeze: [newYear] }) })
  const listed = call.project.environments.map((one) => freezeWindow.applies?.(call, one))
  expect(listed).toEqual([false, true])
})
