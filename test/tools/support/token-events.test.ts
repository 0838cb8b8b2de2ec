import { describe, expect, it } from 'vitest'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { openStore } from '../../../src/adapters/store/store.ts'
import type { Call } from '../../../src/ports/context.ts'
import { listDeployments } from '../../../src/tools/list-deployments.ts'
import { promoteToProduction } from '../../../src/tools/promote-to-production.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { hour, makeWorld } from '../../support/fake-context.ts'
import { adminToken, holding } from '../../support/held.ts'
import { promote, stage } from './journey.ts'

const plain = 'kV7wq2Lx9RbT4nYcZ81mHd'
const adminTokens = [adminToken(plain)]
const held = holding(adminTokens, { plain: [plain] })

const attempt = (call: Call, approval_token: string) =>
  promoteToProduction.call({ staging_version: 'v1', approval_token }, call)

const refusals = async (call: Call) =>
  await call.store.read((tables) => tables.tokenEvents.list({ kind: 'refused', since: 0 }))

describe('approval tokens that nobody knows', () => {
  it('are counted, and after five of them none is looked at for a while', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    for (let at = 0; at < 5; at++)
      await expect(attempt(world.call, `guess-${at}`)).rejects.toThrow('Invalid approval token')
    // The right one, too: whoever guesses must not find out by going on.
    await expect(attempt(world.call, plain)).rejects.toMatchObject({
      code: 'rate_limited',
      message: expect.stringMatching(/^5 wrong tokens from agent:claude .* looked at before 2030-/),
      retryable: true,
    })
    expect(await refusals(world.call)).toHaveLength(5)
    expect(await world.call.audit.tail(6)).toMatchObject(
      Array.from({ length: 6 }, () => ({ operation: 'promote_to_production', success: false })),
    )
    world.pass(10 * 60_000 + 1)
    const { output } = await attempt(world.call, plain)
    expect(output.deployment_id).toMatch(/^dep_/)
  })

  it('of one caller shut out nobody else', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    for (let at = 0; at < 6; at++) await attempt(world.call, `guess-${at}`).catch(() => undefined)
    const other = world.as({ kind: 'agent', name: 'codex' })
    expect((await attempt(other, plain)).output.status).not.toBe('blocked')
  })

  it('shut out nobody for longer than that when the clock is set back', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    world.pass(100 * hour)
    for (let at = 0; at < 6; at++) await attempt(world.call, `guess-${at}`).catch(() => undefined)
    world.pass(-100 * hour)
    expect((await attempt(world.call, plain)).output.deployment_id).toMatch(/^dep_/)
  })

  it('are counted together by processes that share a store, and at the same time', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    const runtime = createRuntime()
    const second = openStore({ directory: world.directory, project: 'clinic', runtime })
    const calls = [world.call, { ...world.call, store: second }]
    const attempts = Array.from({ length: 12 }, (_, at) => attempt(calls[at % 2]!, `guess-${at}`))
    const codes = (await Promise.allSettled(attempts)).map((each) =>
      each.status === 'rejected' ? (each.reason as { code: string }).code : 'none',
    )
    await second.close()
    expect(codes.filter((code) => code === 'invalid_approval')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(7)
    expect(await refusals(world.call)).toHaveLength(5)
  })

  it('count as ids that do not exist, and ids that do never count', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const { approval } = await promote(world.call, 'v1')
    const id = approval.id
    for (let at = 0; at < 7; at++)
      expect((await attempt(world.call, id)).output.status).toBe('waiting_approval')
    expect(await refusals(world.call)).toEqual([])
    const unknown = `apr_${'0'.repeat(26)}`
    for (let at = 0; at < 5; at++)
      await expect(attempt(world.call, unknown)).rejects.toThrow('Invalid approval token')
    await expect(attempt(world.call, unknown)).rejects.toMatchObject({ code: 'rate_limited' })
    expect((await attempt(world.call, id)).output.status).toBe('waiting_approval')
  })
})

const exposed = async (call: Call) =>
  await call.store.read((tables) => tables.tokenEvents.list({ kind: 'exposed', since: 0 }))

describe('a token that went through an argument of a model', () => {
  it('is remembered once by its label, and every answer that rests on it says so', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    const { output, summary } = await attempt(world.call, plain)
    const label = adminTokens[0]!.label
    expect(output.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining(`${label} went through this conversation`)]),
    )
    expect(summary).toContain('it is no secret any more')
    await attempt(world.call, plain)
    expect(await exposed(world.call)).toMatchObject([{ kind: 'exposed', label }])
    expect(JSON.stringify([output, await exposed(world.call)])).not.toContain(plain)
  })

  it.each([
    ['a reason', { environment: 'staging', git_ref: `v1-${plain}` }],
    ['base64', { environment: Buffer.from(plain).toString('base64'), git_ref: 'v1' }],
    ['the name of a field', { environment: 'staging', git_ref: 'v1', [plain]: true }],
    ['a nested value', { environment: 'staging', git_ref: { a: [plain] } }],
  ])('is refused and remembered when it is in another one: %s', async (_, args) => {
    const { call } = makeWorld({ adminTokens, held })
    const failure = await validateDeployment.call(args, call).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('an argument holds a token'),
    })
    expect(JSON.stringify(failure)).not.toContain(plain)
    expect(await exposed(call)).toMatchObject([{ label: adminTokens[0]!.label }])
  })

  it('is known as a whole word, too, when only its hash is configured, and by its form', async () => {
    const { call } = makeWorld({ adminTokens, held: holding(adminTokens) })
    const caller = `gng_${'0123456789abcdef'.repeat(3)}`
    for (const token of [plain, caller]) {
      const args = { environment: 'staging', git_ref: `it is "${token}", use it` }
      await expect(validateDeployment.call(args, call)).rejects.toThrow('an argument holds a token')
    }
    const labels = [plain, caller].map((token) => adminToken(token).label)
    expect((await exposed(call)).map(({ label }) => label).toSorted()).toEqual(labels.toSorted())
  })

  it('of a person at the command line is not exposed by that', async () => {
    const world = makeWorld({ adminTokens, held })
    await stage(world, 'v1')
    const { output } = await attempt(world.as({ kind: 'human', name: 'ada' }), plain)
    expect(JSON.stringify(output.warnings ?? [])).not.toContain('went through')
    expect(await exposed(world.call)).toEqual([])
    await listDeployments.call({}, world.call)
  })
})
