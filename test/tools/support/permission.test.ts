import { describe, expect, it } from 'vitest'
import type { CallerRole } from '../../../src/core/caller.ts'
import { createToken, revokeToken } from '../../../src/desk/tokens.ts'
import type { Call } from '../../../src/ports/context.ts'
import { deployToStaging } from '../../../src/tools/deploy-to-staging.ts'
import { listDeployments } from '../../../src/tools/list-deployments.ts'
import { rollbackDeployment } from '../../../src/tools/rollback-deployment.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { holding } from '../../support/held.ts'

const day = 24 * 3_600_000

/** A call that comes with a new token. */
async function withToken(
  world: World,
  role: CallerRole,
  environments: string[] = [],
): Promise<Call> {
  const { call } = world
  const desk = world.as({ kind: 'human', name: 'ada' })
  const wanted = { name: `the-${role}`, role, environments, validMs: day }
  const { secret } = await createToken(desk, wanted)
  return { ...call, callerToken: secret, held: holding([], { secrets: [secret] }) }
}

const deploy = (call: Call) => deployToStaging.call({ git_ref: 'v1' }, call)
const validate = (call: Call, environment = 'staging') =>
  validateDeployment.call({ environment, git_ref: 'v1' }, call)
const rollback = (call: Call) =>
  rollbackDeployment.call({ environment: 'staging', reason: 'errors' }, call)
const list = (call: Call) => listDeployments.call({}, call)

const effects = async ({ call }: World) =>
  (await call.store.read((tables) => tables.deployments.list({ limit: 1 }))).total

describe('a caller token', () => {
  it('names the caller, in records and in the audit log', async () => {
    const world = makeWorld()
    const call = await withToken(world, 'deployer', ['staging'])
    await validate(call)
    const { output } = await deploy(call)
    expect(output.deployment_id).toMatch(/^dep_/)
    const { rows } = await call.store.read((tables) => tables.deployments.list({ limit: 1 }))
    expect(rows[0]?.initiated_by).toBe('agent:the-deployer')
    expect((await call.audit.tail(1))[0]).toMatchObject({
      operation: 'deploy_to_staging',
      user: 'agent:the-deployer',
      details: { caller_token: expect.stringMatching(/^tok_/) },
    })
    expect(JSON.stringify(await call.audit.tail(99))).not.toContain(call.callerToken)
  })

  it.each([
    ['auditor', deploy, 'deploy_to_staging'],
    ['auditor', validate, 'validate_deployment'],
    ['auditor', rollback, 'rollback_deployment'],
    ['operator', deploy, 'deploy_to_staging'],
  ] as const)('of an %s stops what the role may not do', async (role, attempt, tool) => {
    const world = makeWorld()
    const call = await withToken(world, role)
    await expect(attempt(call)).rejects.toMatchObject({
      code: 'not_permitted',
      message: `the-${role}: the role ${role} may not call ${tool}`,
      hint: expect.stringContaining('ask human:ada'),
      details: { role, tool, environment: 'staging' },
    })
    expect(await effects(world)).toBe(0)
    expect((await call.audit.tail(1))[0]).toMatchObject({
      operation: tool,
      environment: 'staging',
      success: false,
      details: { error: 'not_permitted' },
    })
    await expect(list(call)).resolves.toBeDefined()
  })

  it('is for its environments alone', async () => {
    const call = await withToken(makeWorld(), 'operator', ['production'])
    await expect(validate(call)).rejects.toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining('is for production, and may not call validate_deployment'),
    })
    await expect(validate(call, 'production')).resolves.toBeDefined()
  })

  it('that was revoked refuses every call from then on', async () => {
    const world = makeWorld()
    const call = await withToken(world, 'deployer')
    await list(call)
    await revokeToken(world.as({ kind: 'human', name: 'ada' }), 'the-deployer')
    for (const attempt of [list, deploy, validate]) {
      await expect(attempt(call)).rejects.toMatchObject({
        code: 'not_permitted',
        message: expect.stringMatching(/the-deployer \(tok_.*\) has been revoked/),
      })
    }
    expect(await effects(world)).toBe(0)
  })

  it('that has expired refuses every call', async () => {
    const world = makeWorld()
    const call = await withToken(world, 'deployer')
    world.pass(day)
    await expect(list(call)).rejects.toThrow(/has expired/)
  })

  it('that nobody made refuses every call, is written down, and is not repeated', async () => {
    const world = makeWorld()
    const callerToken = 'gng_wrong-token'
    const call = { ...world.call, callerToken }
    const failure = await list(call).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'not_permitted',
      message: 'the caller token is none of this project',
    })
    const line = (await call.audit.tail(1))[0]
    const label = `sha256:${call.runtime.sha256(callerToken).slice(0, 12)}`
    expect(line).toMatchObject({
      operation: 'list_deployments',
      success: false,
      details: { caller_token: label },
    })
    expect(JSON.stringify([failure, line])).not.toContain(callerToken)
    const refused = await call.store.read((tables) =>
      tables.tokenEvents.list({ kind: 'refused', since: 0 }),
    )
    expect(refused).toMatchObject([{ label, caller: expect.stringContaining('agent:claude') }])
  })

  it('is written down each time it is another one, also by calls that only read', async () => {
    const { call } = makeWorld()
    for (const callerToken of ['gng_guess-1', 'gng_guess-2', 'gng_guess-2'])
      await expect(list({ ...call, callerToken })).rejects.toThrow('is none of')
    expect(await call.audit.tail(9)).toHaveLength(2)
  })

  it('is wanted of every call where the project says so', async () => {
    const project = fakeProject({ callers: { token: 'required' } })
    const world = makeWorld({ project })
    await expect(list(world.call)).rejects.toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining('callers.token is required'),
    })
    await expect(list(await withToken(world, 'auditor'))).resolves.toBeDefined()
  })

  it('does not shut out others when it is guessed at', async () => {
    const world = makeWorld()
    const valid = await withToken(world, 'auditor')
    const guess = (call: Call, at: number) => list({ ...call, callerToken: `gng_guess-${at}` })
    for (let at = 0; at < 5; at++) await expect(guess(world.call, at)).rejects.toThrow('is none of')
    await expect(guess(world.call, 5)).rejects.toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('before 2030-01-01T00:10:00.000Z'),
    })
    const other = world.as({ kind: 'agent', name: 'codex' })
    await expect(guess(other, 0)).rejects.toThrow('is none of')
    await expect(list(valid)).resolves.toBeDefined()
    world.pass(10 * 60_000 + 1)
    await expect(guess(world.call, 6)).rejects.toThrow('is none of')
  })
})
