import { expect, it } from 'vitest'
import { createToken, listTokens, revokeToken } from '../../src/desk/tokens.ts'
import { makeWorld } from '../support/fake-context.ts'

const wanted = { name: 'ci', role: 'deployer', environments: ['staging'], validMs: 1_000 } as const

const desk = () => makeWorld().as({ kind: 'human', name: 'ada' })

it('makes a token of 192 random bits, and keeps its hash alone', async () => {
  const call = desk()
  const made = [await createToken(call, wanted), await createToken(call, { ...wanted, name: 'b' })]
  expect(new Set(made.map(({ secret }) => secret)).size).toBe(2)
  for (const { secret, token } of made) {
    expect(secret).toMatch(/^gng_[0-9a-f]{48}$/)
    expect(token.sha256).toBe(call.runtime.sha256(secret))
  }
  const { secret } = made[0]!
  const kept = JSON.stringify([await listTokens(call), await call.audit.tail(99)])
  expect(kept).not.toContain(secret.slice(4, 20))
  expect(made[0]?.token).toMatchObject({
    name: 'ci',
    role: 'deployer',
    environments: ['staging'],
    created_by: 'human:ada',
    expires_at: call.runtime.now() + 1_000,
    revoked_at: null,
  })
})

it('leaves an intent and a result in the audit log', async () => {
  const call = desk()
  const { token } = await createToken(call, wanted)
  await revokeToken(call, token.id)
  expect(await call.audit.tail(9)).toMatchObject([
    { operation: 'token_create', user: 'human:ada', phase: 'intent', correlation_id: token.id },
    { operation: 'token_create', phase: 'result', success: true, details: { role: 'deployer' } },
    { operation: 'token_revoke', user: 'human:ada', phase: 'intent', correlation_id: token.id },
    { operation: 'token_revoke', phase: 'result', success: true },
  ])
})

it('gives a name to one token at a time', async () => {
  const call = desk()
  const { token } = await createToken(call, wanted)
  await expect(createToken(call, wanted)).rejects.toMatchObject({
    code: 'invalid_input',
    message: `name: ci is the name of ${token.id}, which is still in use`,
  })
  expect((await revokeToken(call, 'ci')).id).toBe(token.id)
  await expect(revokeToken(call, 'ci')).rejects.toThrow('was revoked before')
  const { token: next } = await createToken(call, wanted)
  expect((await revokeToken(call, 'ci')).id).toBe(next.id)
})

it.each([
  [{ name: 'a b' }, /name: "a b" is not letters/],
  [{ name: '' }, /name: "" is not/],
  [{ name: 'x\u202e' }, /name: "x" is not/],
  [{ environments: ['qa'] }, /environment "qa" is not configured/],
])('refuses %j, and makes nothing', async (change, message) => {
  const call = desk()
  await expect(createToken(call, { ...wanted, ...change })).rejects.toThrow(message)
  expect(await listTokens(call)).toEqual([])
})

it('knows no other token', async () => {
  const call = desk()
  await createToken(call, wanted)
  await expect(revokeToken(call, 'cii')).rejects.toThrow('no token "cii", did you mean ci?')
})
