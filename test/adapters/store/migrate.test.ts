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
    schema_version: [{ version: 1, applied_at: 7 }, { version: 2 }, { version: 3 }, { version: 4 }],
    trusted_policies: [{ project: 'clinic', approver: 'ada' }],
  })
})

test('what was decided before is kept as history, and asked for again', async () => {
  const store = storeIn(await firstStore())
  const rows = await store.read(({ approvals }) => approvals.list({ limit: 9 }))
  const told = rows.map(({ id, state, decisions }) => ({
    id,
    state,
    decisions: decisions.map(({ verdict, method, person, signature }) =>
      [verdict, method, person, signature].join(', '),
    ),
  }))
  expect(told.toReversed()).toEqual([
    { id: 'apr_1', state: 'superseded', decisions: [] },
    {
      id: 'apr_2',
      state: 'superseded',
      decisions: ['approved, ssh_signature, ada, signature of apr_2'],
    },
    {
      id: 'apr_3',
      state: 'consumed',
      decisions: ['approved, ssh_signature, ada, signature of apr_3'],
    },
    { id: 'apr_4', state: 'rejected', decisions: ['rejected, unsigned, human:bob, '] },
  ])
})
