import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Failure } from '../../src/core/failure.ts'
import { callTool, type McpRequest } from '../../src/mcp/call.ts'
import type { Call } from '../../src/ports/context.ts'
import { defineTool, pendingFields } from '../../src/tools/define-tool.ts'
import { tools } from '../../src/tools/index.ts'
import { makeWorld } from '../support/fake-context.ts'

type Notified = Parameters<NonNullable<McpRequest['notify']>>

const request = (change: Partial<McpRequest> = {}): McpRequest => ({
  client: 'claude',
  signal: new AbortController().signal,
  notify: null,
  waitMs: 60_000,
  ...change,
})

const named = (name: string) => tools.find((tool) => tool.name === name)!

const errorOf = ({ content }: { content: { text: string }[] }) =>
  JSON.parse(content[0]!.text.split('\n').at(-1)!).error

describe('a server that runs read-only', () => {
  const input: Record<string, Record<string, unknown>> = {
    deploy_to_staging: { git_ref: 'v1' },
    promote_to_production: { staging_version: 'v1', dry_run: true },
    rollback_deployment: { environment: 'staging', reason: 'why not' },
  }

  test.each(Object.keys(input))('refuses %s although it was registered', async (name) => {
    const { call } = makeWorld({ readOnly: true })
    const result = await callTool(named(name), input[name], request(), async () => call)
    expect(result.isError).toBe(true)
    expect(errorOf(result)).toMatchObject({
      code: 'read_only',
      message: expect.stringContaining(name),
      hint: expect.stringContaining('--read-only'),
    })
    const { total } = await call.store.read((tables) => tables.deployments.list({ limit: 1 }))
    expect(total).toBe(0)
  })

  test('answers what only looks', async () => {
    const { call } = makeWorld({ readOnly: true })
    const result = await callTool(named('list_deployments'), {}, request(), async () => call)
    expect(result).toMatchObject({ isError: false, structuredContent: { total_count: 0 } })
  })
})

describe('the caller', () => {
  test('is an agent with the name the client gives itself, whatever the context says', async () => {
    const { call } = makeWorld({ principal: { kind: 'human', name: 'ada' } })
    const who = probe(async (own) => `${own.principal.kind}:${own.principal.name}`)
    const result = await callTool(who, {}, request({ client: 'cursor' }), async () => call)
    expect(result.structuredContent).toEqual({ said: 'agent:cursor' })
  })
})

describe('whatever goes wrong is a result', () => {
  test('a project that cannot be opened', async () => {
    const failure = new Failure({
      code: 'invalid_configuration',
      message: 'gonogo.yaml:3: bad',
      hint: 'correct it',
    })
    const result = await callTool(named('list_deployments'), {}, request(), () =>
      Promise.reject(failure),
    )
    expect(result).toEqual({
      isError: true,
      content: [
        {
          type: 'text',
          text:
            'invalid_configuration: gonogo.yaml:3: bad\nNext: correct it\n' +
            '{"error":{"code":"invalid_configuration","message":"gonogo.yaml:3: bad",' +
            '"hint":"correct it","retryable":false,"details":{}}}',
        },
      ],
    })
  })

  test('a defect of ours, without its stack', async () => {
    const { call } = makeWorld()
    const defect = probe(() => Promise.reject(new TypeError('x is not a function')))
    const result = await callTool(defect, {}, request(), async () => call)
    expect(errorOf(result)).toMatchObject({ code: 'internal' })
    expect(result.content[0]!.text).toContain('x is not a function')
    expect(result.content[0]!.text).not.toMatch(/\n\s+at /)
  })
})

describe('progress', () => {
  test('counts up, also when work reports within work, and ends with the answer', async () => {
    const { call } = makeWorld()
    const seen: Notified[] = []
    const done = Promise.withResolvers<void>()
    const busy = probe(async ({ progress }) => {
      progress('outer', 0, 6)
      progress('inner', 4, 5)
      await done.promise
      progress('too late', 5, 6)
      return 'done'
    })
    const notify = (...notified: Notified) => void seen.push(notified)
    const answer = await callTool(busy, {}, request({ notify, waitMs: 1 }), async () => call)
    expect(answer.structuredContent).toMatchObject({ pending: true, retry_after_s: 5 })
    done.resolve()
    const last = await callTool(busy, {}, request(), async () => call)
    expect(last.structuredContent).toEqual({ said: 'done' })
    expect(seen).toEqual([
      [1, 'outer'],
      [2, 'inner'],
    ])
  })
})

describe('an answer nobody fetched', () => {
  test('is old after some minutes: the same call looks again', async () => {
    const world = makeWorld()
    const ends: (() => void)[] = []
    const count = probe(async () => {
      const run = Promise.withResolvers<string>()
      ends.push(() => run.resolve(`run ${ends.length}`))
      return await run.promise
    })
    const ask = async (waitMs: number) =>
      (await callTool(count, {}, request({ waitMs }), async () => world.call)).structuredContent
    const endLast = async () => {
      ends.at(-1)!()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await ask(0)).toMatchObject({ pending: true })
    await endLast()
    world.pass(60_000)
    expect(await ask(0)).toEqual({ said: 'run 1' })

    expect(await ask(0)).toMatchObject({ pending: true })
    await endLast()
    world.pass(6 * 60_000)
    expect(await ask(0)).toMatchObject({ pending: true })
    await endLast()
    expect(await ask(0)).toEqual({ said: 'run 3' })
  })
})

/** A long tool that does what a test wants. */
function probe(run: (call: Call) => Promise<string>) {
  return defineTool({
    name: 'try_it',
    title: 'Try it',
    toolset: 'core',
    effect: 'probe',
    description: 'Only for tests.',
    input: z.object({}),
    output: z.object({ said: z.string().nullable(), ...pendingFields }),
    run: async (_input, call) => ({ said: await run(call) }),
    pending: () => ({ said: null }),
    summarize: ({ said }) => `said ${said}`,
    environment: () => null,
  })
}
