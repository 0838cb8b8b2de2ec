import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runPlan, type PlanOptions } from '../../src/cli/commands/plan.ts'
import { runCommand } from '../../src/cli/session.ts'
import type { Surface } from '../../src/cli/surface.ts'
import type { Call } from '../../src/ports/context.ts'
import { makeWorld } from '../support/fake-context.ts'
import { promote, stage } from '../tools/support/journey.ts'

const read = (stream: PassThrough) => String(stream.read() ?? '')

async function plan(call: Call, version: string, options: PlanOptions = {}, json = false) {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    env: {},
    out,
    err,
    input: new PassThrough(),
    connect: async () => call,
    interrupted: new AbortController().signal,
  } as unknown as Surface
  const exit = await runCommand({ surface, options: { json }, argv: ['plan'] }, (session) =>
    runPlan(session, version, options),
  )
  return { exit, out: read(out), err: read(err) }
}

describe('gonogo plan', () => {
  it('shows the plan that a promotion would ask to approve, and changes nothing', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const shown = await plan(world.call, 'v1')
    expect(shown.exit).toBe(0)
    expect(shown.out).toContain('Promote clinic in production')
    expect(shown.out).toContain('before    staging runs v1 (111111111111)')
    expect(shown.out.trimEnd().endsWith('GO')).toBe(true)
    const data = JSON.parse((await plan(world.call, 'v1', {}, true)).out) as { plan_hash: string }
    expect(shown.out).toContain(`plan      ${data.plan_hash}`)
    const { rows } = await world.call.store.read((tables) =>
      tables.deployments.list({ environment: 'production', limit: 1 }),
    )
    expect(rows).toEqual([])
    expect(await promote(world.call, 'v1')).toMatchObject({ plan_hash: data.plan_hash })
  })

  it('says what keeps it from being carried out, in the words of the command line', async () => {
    const world = makeWorld()
    const shown = await plan(world.call, 'v2')
    expect(shown.exit).toBe(1)
    expect(shown.out).toContain(
      'NO-GO: tests_passed: no result for v2 within 24 h: run gonogo validate',
    )
    expect(shown.out).not.toMatch(/^GO$/m)
    const data = JSON.parse((await plan(world.call, 'v2', {}, true)).out) as Record<string, unknown>
    expect(data).toMatchObject({
      schema_version: 1,
      go: false,
      plan: { release: { version: 'v2' } },
    })
  })

  it('goes where it is told, and names what there is instead of a name that is wrong', async () => {
    const world = makeWorld()
    const staged = await plan(world.call, 'v1', { environment: 'staging' })
    expect(staged.out).toContain('Deploy clinic in staging')
    const typo = await plan(world.call, 'v1', { environment: 'stagin' })
    expect(typo.exit).toBe(2)
    expect(typo.err).toContain('did you mean staging?')
    const none = await plan({ ...world.call, pipeline: null }, 'v1')
    expect(none.err).toContain('no pipeline is configured')
  })
})
