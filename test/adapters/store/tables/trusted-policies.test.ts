import { expect, test } from 'vitest'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'
import { trusted } from '../rows.ts'

test('the policy that was trusted last is the one there is', async () => {
  const store = newStore()
  expect(await store.read(({ trustedPolicies }) => trustedPolicies.last())).toBeNull()
  await store.write(({ trustedPolicies }) => trustedPolicies.put(trusted()))
  expect(await store.read(({ trustedPolicies }) => trustedPolicies.last())).toEqual(trusted())
  // A clock that went backwards, or a row with a time nobody signed, must not keep it from counting.
  const later = trusted({ approver: 'bob', policy: '{}', trusted_at: 500 })
  await store.write(({ trustedPolicies }) => trustedPolicies.put(later))
  expect(await store.read(({ trustedPolicies }) => trustedPolicies.last())).toEqual(later)
})

test('a project does not trust the policy of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ trustedPolicies }) => trustedPolicies.put(trusted()))
  expect(await other.read(({ trustedPolicies }) => trustedPolicies.last())).toBeNull()
})
