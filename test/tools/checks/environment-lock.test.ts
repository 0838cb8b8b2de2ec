import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentLock } from '../../../src/tools/checks/environment-lock.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import { subjectFor } from './subject.ts'

const required = fakeEnvironment('staging', {
  checks: { ...fakeEnvironment('staging').checks, environment_lock: 'required' },
})

test('a free environment passes', async () => {
  const { call } = makeWorld()
  const check = await environmentLock.run(subjectFor(call, 'staging'), call, call.signal)
  expect(check).toMatchObject({
    status: 'passed',
    ran: true,
    message: 'nobody is deploying to staging',
  })
})

test('a held one is told with holder, reason and how to follow it; it fails where that is required', async () => {
  const { call } = makeWorld()
  await call.store.write((tables) =>
    tables.locks.take({
      environment: 'staging',
      deployment_id: 'dep_7',
      holder: 'human:ada\u001b[31m',
      reason: 'release\nnight',
      since: 0,
    }),
  )
  const subject = subjectFor(call, 'staging')
  const since = '1970-01-01T00:00:00.000Z'
  const message = `staging is held by human:ada (release night, dep_7, since ${since}): follow it with get_deployment_status dep_7, then try again`
  const details = {
    deployment_id: 'dep_7',
    holder: 'human:ada',
    reason: 'release night',
    since,
    waiting: 0,
  }
  expect(await environmentLock.run(subject, call, call.signal)).toMatchObject({
    status: 'warning',
    ran: true,
    message,
    details,
  })
  const strict = { ...subject, environment: required }
  expect(await environmentLock.run(strict, call, call.signal)).toMatchObject({
    status: 'failed',
    ran: true,
    message,
  })
  expect(
    await environmentLock.run(subjectFor(call, 'production'), call, call.signal),
  ).toMatchObject({ status: 'passed' })
})

test('a store that cannot be read is no free environment', async () => {
  const { call, directory } = makeWorld()
  await writeFile(
    join(directory, 'gonogo.db'),
    'this is no database at all, but long enough to be read',
  )
  const subject = { ...subjectFor(call, 'staging'), environment: required }
  const check = await environmentLock.run(subject, call, call.signal)
  expect(check).toMatchObject({ status: 'failed', ran: false })
  expect(check.message).toMatch(/gonogo\.db cannot be used: .*: restore a backup of /)
})
