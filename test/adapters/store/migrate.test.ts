import { expect, test } from 'vitest'
import { dumpStore } from '../../support/dump-store.ts'
import { firstStore } from './first-store.ts'
import { storeIn } from './fixture.ts'
import { deployment, trusted } from './rows.ts'

test('an earlier store gets what it lacks and keeps what it has', async () => {
  const directory = await firstStore()
  const before = dumpStore(directory)
  const store = storeIn(directory)
  await store.write(({ trustedPolicies }) => trustedPolicies.put(trusted()))
  expect(await store.read(({ deployments }) => deployments.get('dep_1'))).toEqual(
    deployment('dep_1'),
  )
  const after = dumpStore(directory)
  expect(after).toMatchObject({
    deployments: [{ ...before['deployments']![0], external_id: null, bypass: 0 }],
    approvals: before['approvals'],
    schema_version: [{ version: 1, applied_at: 7 }, { version: 2 }, { version: 3 }],
    trusted_policies: [{ project: 'clinic', approver: 'ada' }],
  })
})
