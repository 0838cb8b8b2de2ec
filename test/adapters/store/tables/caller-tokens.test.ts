import { expect, test } from 'vitest'
import type { CallerToken } from '../../../../src/ports/store.ts'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'

const token: CallerToken = {
  id: 'tok_1',
  name: 'ci',
  sha256: 'ab'.repeat(32),
  role: 'deployer',
  environments: ['staging'],
  created_by: 'human:ada',
  created_at: 1_000,
  expires_at: null,
  revoked_at: null,
}

test('a token is listed, newest first, and stays listed once it was revoked', async () => {
  const store = newStore()
  const later = { ...token, id: 'tok_2', name: 'bot', environments: [], created_at: 2_000 }
  for (const row of [token, later])
    await store.write(({ callerTokens }) => callerTokens.insert(row))
  expect(await store.read(({ callerTokens }) => callerTokens.list())).toEqual([later, token])
  const revoke = (id: string) => store.write(({ callerTokens }) => callerTokens.revoke(id, 3_000))
  expect([await revoke('tok_1'), await revoke('tok_1'), await revoke('tok_3')]).toEqual([
    true,
    false,
    false,
  ])
  const ended = { ...token, revoked_at: 3_000 }
  expect(await store.read(({ callerTokens }) => callerTokens.list())).toEqual([later, ended])
})

test('a project does not know the tokens of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ callerTokens }) => callerTokens.insert(token))
  expect(await other.read(({ callerTokens }) => callerTokens.list())).toEqual([])
  expect(await other.write(({ callerTokens }) => callerTokens.revoke('tok_1', 1))).toBe(false)
})

test('what became known about a token is found by kind, time and caller', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  const event = {
    kind: 'refused',
    label: 'sha256:0123',
    caller: 'agent:claude',
    at: 1_000,
  } as const
  const later = { ...event, caller: 'agent:codex', at: 2_000 }
  const exposed = { ...event, kind: 'exposed' } as const
  for (const row of [event, later, exposed])
    await clinic.write(({ tokenEvents }) => tokenEvents.insert(row))
  const list = (filter: { since: number; caller?: string }) =>
    clinic.read(({ tokenEvents }) => tokenEvents.list({ kind: 'refused', ...filter }))
  expect(await list({ since: 0 })).toEqual([later, event])
  expect(await list({ since: 1_001 })).toEqual([later])
  expect(await list({ since: 0, caller: 'agent:claude' })).toEqual([event])
  expect(
    await other.read(({ tokenEvents }) => tokenEvents.list({ kind: 'exposed', since: 0 })),
  ).toEqual([])
})
