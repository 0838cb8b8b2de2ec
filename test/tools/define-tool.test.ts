import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Failure } from '../../src/core/failure.ts'
import { rollbackDeployment } from '../../src/tools/rollback-deployment.ts'
import { defineTool, pendingFields, type Effect } from '../../src/tools/define-tool.ts'
import { makeWorld } from '../support/fake-context.ts'
import { holding } from '../support/held.ts'

const input = z.object({
  environment: z.string(),
  limit: z.int().min(1).default(10),
  approval_token: z.string().max(10).optional(),
})

/** A tool that answers what it is told to, whatever its schema says. */
function tool(effect: Effect, answer: () => unknown) {
  return defineTool({
    name: 'try_it',
    title: 'Try it',
    toolset: 'core',
    effect,
    description: 'Only for tests.',
    input,
    output: z.object({ deployment_id: z.string(), warnings: z.array(z.string()).optional() }),
    run: async () => answer() as { deployment_id: string },
    summarize: ({ deployment_id }) => `done as ${deployment_id}`,
    environment: (args) => args.environment,
  })
}

const fine = { deployment_id: 'dep_1' }
const args = { environment: 'staging' }

describe('input', () => {
  it.each<[string, unknown, string]>([
    ['a missing argument', {}, 'environment is missing'],
    ['a wrong type', { environment: 7 }, 'environment: 7: '],
    ['a value out of range', { ...args, limit: 0 }, 'limit: 0: '],
    ['an unknown argument', { ...args, force: true }, 'force is not an argument'],
    ['a misspelt argument', { ...args, limt: 3 }, 'limt is not an argument, did you mean limit?'],
    ['no object', 'staging', 'arguments: "staging": '],
    ['nothing', undefined, 'environment is missing'],
  ])('refuses %s and names it', async (_, raw, message) => {
    const { call } = makeWorld()
    await expect(tool('read', () => fine).call(raw, call)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(`try_it: ${message}`),
      hint: expect.stringContaining('environment, limit, approval_token'),
    })
  })

  it('names every problem at once', async () => {
    const { call } = makeWorld()
    const attempt = tool('read', () => fine).call({ limit: 0, x: 1 }, call)
    await expect(attempt).rejects.toThrow(/environment is missing.*limit: 0.*x is not an argument/)
  })

  it('is an attempt that is written down, without what was typed', async () => {
    const { call } = makeWorld()
    const withoutReason = { environment: 'staging', reason: '' }
    await expect(rollbackDeployment.call(withoutReason, call)).rejects.toThrow()
    expect((await call.audit.tail(1))[0]).toMatchObject({
      operation: 'rollback_deployment',
      success: false,
      details: { error: 'invalid_input' },
    })
  })

  it('does not repeat a token', async () => {
    const { call } = makeWorld()
    const attempt = tool('read', () => fine).call({ ...args, approval_token: 'far too long' }, call)
    await expect(attempt).rejects.toThrow('approval_token: the value given: ')
    await expect(attempt).rejects.not.toThrow('far too long')
  })

  it('is checked before anything happens', async () => {
    const { call } = makeWorld()
    let ran = false
    const write = tool('write', () => ((ran = true), fine))
    await expect(write.call({}, call)).rejects.toThrow(Failure)
    expect(ran).toBe(false)
  })
})

describe('a result that does not fit its schema', () => {
  it.each(['read', 'probe'] as const)(
    'is an error of a %s, which can be repeated',
    async (effect) => {
      const { call } = makeWorld()
      const attempt = tool(effect, () => ({ deployment_id: 7 })).call(args, call)
      await expect(attempt).rejects.toMatchObject({ code: 'internal' })
    },
  )

  it.each(['write', 'destructive'] as const)(
    'of a %s still carries the ids out, with a warning',
    async (effect) => {
      const { call } = makeWorld()
      const broken = { rollback_id: 'dep_9', deployment_id: 7, warnings: ['earlier'] }
      const { output, summary } = await tool(effect, () => broken).call(args, call)
      expect(output).toMatchObject({ rollback_id: 'dep_9', deployment_id: 7 })
      expect(output.warnings).toEqual([
        'earlier',
        expect.stringContaining('internal: the result did not fit its schema'),
      ])
      expect(summary).toContain('took effect')
      expect(summary).toContain('do not repeat it')
    },
  )
})

it('drops what the schema does not name', async () => {
  const { call } = makeWorld()
  const { output } = await tool('read', () => ({ ...fine, secret: 'x' })).call(args, call)
  expect(output).toEqual(fine)
})

describe('read-only', () => {
  it.each(['write', 'destructive'] as const)('refuses a %s in the handler too', async (effect) => {
    const { call } = makeWorld({ readOnly: true })
    let ran = false
    const attempt = tool(effect, () => ((ran = true), fine)).call(args, call)
    await expect(attempt).rejects.toMatchObject({ code: 'read_only' })
    expect(ran).toBe(false)
  })

  it.each(['read', 'probe'] as const)('lets a %s through', async (effect) => {
    const { call } = makeWorld({ readOnly: true })
    await expect(tool(effect, () => fine).call(args, call)).resolves.toHaveProperty('output', fine)
  })
})

describe('the audit log', () => {
  it.each(['probe', 'write', 'destructive'] as const)('gets one line per %s', async (effect) => {
    const { call } = makeWorld()
    await tool(effect, () => fine).call(args, call)
    expect(await call.audit.tail(10)).toMatchObject([
      {
        operation: 'try_it',
        user: 'agent:claude',
        environment: 'staging',
        success: true,
        phase: 'result',
        correlation_id: 'dep_1',
        request_id: 'req_1',
      },
    ])
  })

  it('gets one line for a look, however often it is repeated within a minute', async () => {
    const world = makeWorld()
    const look = tool('read', () => fine)
    const lines = async () => (await world.call.audit.tail(99)).map(({ user }) => user)
    for (let second = 0; second < 30; second++) {
      await look.call(args, world.call)
      world.pass(1_000)
    }
    expect(await lines()).toEqual(['agent:claude'])
    await look.call({ ...args, limit: 3 }, world.call)
    await look.call(args, world.as({ kind: 'agent', name: 'other' }))
    expect(await lines()).toEqual(['agent:claude', 'agent:claude', 'agent:other'])
    world.pass(60_000)
    await look.call(args, world.call)
    expect(await lines()).toHaveLength(4)
  })

  it('gets a look that failed beside one that did not', async () => {
    const { call } = makeWorld()
    const failing = tool('read', () => {
      throw new Failure({ code: 'unknown_deployment', message: 'none', hint: 'list' })
    })
    await tool('read', () => fine).call(args, call)
    await expect(failing.call(args, call)).rejects.toThrow('none')
    expect(await call.audit.tail(9)).toMatchObject([{ success: true }, { success: false }])
  })

  it('gets the failure with its code, and the caller the same failure', async () => {
    const { call } = makeWorld()
    const failure = new Failure({ code: 'environment_busy', message: 'taken', hint: 'wait' })
    const busy = tool('write', () => {
      throw failure
    })
    await expect(busy.call(args, call)).rejects.toBe(failure)
    expect(await call.audit.tail(10)).toMatchObject([
      { success: false, details: { error: 'environment_busy', message: 'taken' } },
    ])
  })

  it('never gets a token, only the start of its hash', async () => {
    const { call } = makeWorld()
    await tool('write', () => fine).call({ ...args, approval_token: 'hunter2' }, call)
    const [line] = await call.audit.tail(1)
    const digest = call.runtime.sha256('hunter2').slice(0, 12)
    expect(line?.details).toMatchObject({ approval_token: `sha256:${digest}` })
    expect(JSON.stringify(line)).not.toContain('hunter2')
  })

  it('gets nothing an output carries beside the allowed fields', async () => {
    const { call } = makeWorld()
    await tool('write', () => ({ ...fine, plan: { env: 'PASSWORD=x' } })).call(args, call)
    expect(JSON.stringify(await call.audit.tail(1))).not.toContain('PASSWORD')
  })

  it.each(['read', 'write'] as const)(
    'that cannot be written is a warning of a %s',
    async (effect) => {
      const world = makeWorld()
      const full = { ...world.call.audit, append: () => Promise.reject(new Error('no space left')) }
      const call = { ...world.call, audit: full }
      const { output, summary } = await tool(effect, () => fine).call(args, call)
      const warning = 'this call is missing from the audit log: unexpected error: no space left'
      expect(output).toEqual({ ...fine, warnings: [warning] })
      expect(summary).toBe(`done as dep_1 Warning: ${warning}.`)
    },
  )
})

it('a long tool answers pending, is joined by the same call, and is audited once it is done', async () => {
  const work = Promise.withResolvers<{ deployment_id: string }>()
  let runs = 0
  const slow = defineTool({
    name: 'slow',
    title: 'Slow',
    toolset: 'core',
    effect: 'probe',
    description: 'Only for tests.',
    input,
    output: z.object({ deployment_id: z.string().nullable(), ...pendingFields }),
    run: () => ((runs += 1), work.promise),
    pending: () => ({ deployment_id: null }),
    summarize: ({ pending }) => (pending ? 'still at work' : 'done'),
    environment: () => null,
  })
  const { call } = makeWorld({ waitMs: 1 })
  const first = await slow.call(args, call)
  expect(first.output).toEqual({
    deployment_id: null,
    pending: true,
    operation_id: expect.stringMatching(/^op_/),
    retry_after_s: 5,
  })
  expect(first.summary).toBe('still at work')
  expect(await call.audit.tail(10)).toEqual([])
  const again = await slow.call({ ...args, limit: 10 }, call)
  expect(again.output.operation_id).toBe(first.output.operation_id)
  work.resolve(fine)
  const last = await slow.call(args, { ...call, waitMs: 60_000 })
  expect(last.output).toEqual(fine)
  expect(runs).toBe(1)
  expect(await call.audit.tail(10)).toHaveLength(1)
})

describe('a secret this process holds', () => {
  const secret = 'hunter2-correct-horse'
  const held = holding([], { secrets: [secret] })
  const inBase64 = Buffer.from(`password=${secret}`).toString('base64')

  it.each(['read', 'write'] as const)('is in no answer of a %s', async (effect) => {
    const { call } = makeWorld({ held })
    const leaking = tool(effect, () => ({ deployment_id: `x ${secret} ${inBase64}` }))
    const { output, summary } = await leaking.call(args, call)
    const told = JSON.stringify({ output, summary })
    expect(told).not.toContain(secret)
    expect(told).not.toContain(inBase64.slice(12))
    expect(summary).toContain('[redacted]')
  })

  it('is in no message of progress', async () => {
    const told: unknown[] = []
    const progress = (...message: unknown[]) => void told.push(message)
    const { call } = makeWorld({ held, progress })
    const reporting = defineTool({
      name: 'report',
      title: 'Report',
      toolset: 'core',
      effect: 'read',
      description: 'Only for tests.',
      input: z.object({}),
      output: z.object({}),
      run: async (_input, { progress: report }) => (report(`at ${secret}`, 1, 2), {}),
      summarize: () => 'done',
      environment: () => null,
    })
    await reporting.call({}, call)
    expect(told).toEqual([['at [redacted]', 1, 2]])
  })

  it('is in no failure, whoever threw it', async () => {
    const { call } = makeWorld({ held })
    const failing = tool('read', () => {
      const cause = new Error(`sent ${secret}`)
      const details = { header: `Bearer ${secret}` }
      throw new Failure({
        code: 'internal',
        message: `got ${secret}`,
        hint: secret,
        details,
        cause,
      })
    })
    const failure = (await failing.call(args, call).catch((error: unknown) => error)) as Failure
    const { code, message, hint, details, cause, stack } = failure
    expect(code).toBe('internal')
    expect(message).toBe('got [redacted]')
    expect(JSON.stringify({ message, hint, details, cause, stack })).not.toContain(secret)
  })
})
