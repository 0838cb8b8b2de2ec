import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { describeTool } from '../../src/mcp/describe.ts'
import { toResult } from '../../src/mcp/result.ts'
import { getDeploymentStatus } from '../../src/tools/get-deployment-status.ts'
import { tools } from '../../src/tools/index.ts'
import { deployToStaging } from '../../src/tools/deploy-to-staging.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { answer } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'

const cost = (value: unknown) =>
  encode(typeof value === 'string' ? value : JSON.stringify(value)).length

describe('definitions, which every conversation pays for', () => {
  const definitions = tools.map(describeTool)

  test('cost at most 1,600 tokens as name, description and input', () => {
    const small = definitions.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }))
    expect(cost(small)).toBeLessThanOrEqual(1600)
  })

  // Counted as listed, with title and annotations too, although clients show models less.
  test('cost at most 2,600 tokens as a whole', () => {
    expect(cost(definitions)).toBeLessThanOrEqual(2600)
  })
})

/** Thirty lines of 500 characters, whatever they are made of. */
const block = (character: (at: number) => string) =>
  Array.from({ length: 30 }, (_, line) =>
    Array.from({ length: 500 }, (_unused, column) => character(line * 500 + column))
      .join('')
      .slice(0, 500),
  ).join('\n')

const some = (alphabet: string) => (at: number) =>
  alphabet[(at * 7919 + ((at * at) % 104_729)) % alphabet.length]!
const point = (first: number, count: number) => (at: number) =>
  String.fromCodePoint(first + ((at * 4799) % count))
const text = (words: string) => (at: number) => words[at % words.length]!

const logs: Record<string, string> = {
  words: block(text('the disk of the database server is full, please make room on it ')),
  'a stack trace': block(text('    at Object.run (/srv/app/node_modules/@scope/a/index.js:31:17)')),
  'time stamps': block(text('2026-11-22T11:31:06.700Z [info] request=01m81gcbt4b26 status=500 ')),
  base64: block(some('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')),
  hexadecimals: block(some('0123456789abcdef')),
  'quotes and backslashes': block(text('"\\')),
  Chinese: block(point(0x4e00, 20_000)),
  emoji: block(point(0x1f300, 700)),
  'rare signs': block(point(0x20000, 40_000)),
}

describe('the answer about a failed deployment costs less than 600 tokens', () => {
  const health = Object.fromEntries(
    ['api', 'database', 'redis', 'celery_worker', 'celery_beat'].map((name) => [
      name,
      `http://staging.test/health/${name}`,
    ]),
  )
  const environments = [fakeEnvironment('staging', { health }), fakeEnvironment('production')]
  const project = fakeProject({ environments })

  test.each(Object.entries(logs))('with a log of %s', async (_name, log) => {
    const world = makeWorld({ project })
    world.pipeline.ends = 'failed'
    world.pipeline.log = async () => ({ text: log, cursor: 0 })
    const status = await answerAfterDeployment(world)
    expect(status.output['logs']).not.toEqual([])
    expect(status.output['failure']).toMatchObject({ phase: 'running', step: 'restart' })
    expect(cost(status.text)).toBeLessThan(600)
    expect(status.text.isWellFormed() && !/\\ud[89a-f]/.test(status.text)).toBe(true)
  })

  test('with a live system that answers at length', async () => {
    const world = makeWorld({ project })
    for (const url of Object.values(health)) world.probe.answers.set(url, answer(200))
    const page = 'status 500, expected 200: <html><body><h1>Internal Server Error</h1><pre>{"id":'
    const probe = { ...world.probe }
    world.probe.brokenStep = 'log in'
    world.probe.smoke = async (request) =>
      (await probe.smoke(request)).map((result) => ({ ...result, message: page.repeat(20) }))
    world.pipeline.log = async () => ({ text: logs['a stack trace']!, cursor: 0 })
    const status = await answerAfterDeployment(world)
    expect(status.output['failure']).toMatchObject({ phase: 'verifying', step: 'smoke_tests' })
    expect(status.output['logs']).not.toEqual([])
    expect(cost(status.text)).toBeLessThan(600)
  })
})

/** A deployment that fails, and what an assistant is then told. */
async function answerAfterDeployment(world: World) {
  const { call } = world
  await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, call)
  const { output: started } = await deployToStaging.call({ git_ref: 'v1' }, call)
  const deployment_id = String(started.deployment_id)
  expect((await world.drive(deployment_id)).status).toBe('failure')
  const status = await getDeploymentStatus.call({ deployment_id }, call)
  return { output: status.output, text: toResult(status).content[0]!.text }
}
