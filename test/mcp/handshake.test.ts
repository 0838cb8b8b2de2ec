import { PassThrough } from 'node:stream'
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import { describe, expect, test } from 'vitest'
import { openConnection } from '../../src/mcp/connection.ts'
import { answerHandshake, answerOf } from '../../src/mcp/handshake.ts'
import { until } from '../support/until.ts'

const clientInfo = { name: 'a client', version: '1' }
const opening = (change: Record<string, unknown> = {}, params: Record<string, unknown> = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo, ...params },
  ...change,
})

/** What the SDK itself answers to a first message. */
async function sdkAnswer(message: unknown): Promise<unknown> {
  const input = new PassThrough()
  const output = new PassThrough()
  const options = {
    version: '1.2.3',
    tools: async () => [],
    connect: () => Promise.reject(new Error('not called')),
    waitMs: 1000,
  }
  const connection = openConnection(options, input, output, () => undefined)
  let text = ''
  output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  input.write(`${JSON.stringify(message)}\n`)
  await until('the answer', () => text.endsWith('\n'))
  await connection.close()
  return JSON.parse(text)
}

const said = (message: unknown) => answerOf(`${JSON.stringify(message)}\n`)
const ours = (message: unknown) => answerHandshake(JSON.stringify(message), '1.2.3')

describe('the handshake that is answered before the SDK is loaded', () => {
  test.each(SUPPORTED_PROTOCOL_VERSIONS)('of %s is what the SDK answers', async (version) => {
    const message = opening({ id: 'a-1' }, { protocolVersion: version })
    const answer = ours(message)
    expect(answer?.id).toBe('a-1')
    expect(JSON.parse(answer!.text)).toEqual(await sdkAnswer(message))
  })

  test.each([
    ['another method', opening({ method: 'tools/list' })],
    ['a notification', { ...opening(), id: undefined }],
    ['an id of another type', opening({ id: 1.5 })],
    ['no JSON-RPC', opening({ jsonrpc: '1.0' })],
    ['a revision that nobody knows', opening({}, { protocolVersion: '2031-01-01' })],
    ['a client without a name', opening({}, { clientInfo: { version: '1' } })],
    ['capabilities that are a list', opening({}, { capabilities: [] })],
    ['no object', [opening()]],
    ['a number that is no safe id', opening({ id: 2 ** 60 })],
    ['a message with more in it', opening({ result: {} })],
    ['the envelope of a later revision', opening({}, { _meta: { progressToken: 1 } })],
    ['a capability of another type', opening({}, { capabilities: { sampling: 5 } })],
    ['a client with more than texts', opening({}, { clientInfo: { ...clientInfo, icons: 5 } })],
  ])('is left to the SDK for %s', (_what, message) => {
    expect(ours(message)).toBeNull()
  })

  test('is left to the SDK for what is no JSON', () => {
    expect(answerHandshake('{"jsonrpc":', '1.2.3')).toBeNull()
  })
})

describe('what the SDK writes', () => {
  test('is told apart: answers, refusals and everything else', () => {
    expect(said({ jsonrpc: '2.0', id: 7, result: {} })).toEqual({ id: 7, refused: false })
    expect(said({ jsonrpc: '2.0', id: 7, error: {} })).toEqual({ id: 7, refused: true })
    expect(said({ jsonrpc: '2.0', method: 'notifications/progress' })).toBeNull()
  })
})
