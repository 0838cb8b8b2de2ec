import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { spawnMcp, type RawServer } from '../support/raw-mcp.ts'
import { until } from '../support/until.ts'

let clinic: Clinic

beforeAll(async () => {
  clinic = await startClinic()
})

afterAll(async () => {
  await clinic?.close()
})

const named = { name: 'raw', version: '1' }

/** Runs code again and again from the moment the server has taken stdout for the protocol. */
const onceServing = (code: string) => `
  const before = process.stdout.write
  const timer = setInterval(() => { if (process.stdout.write !== before) { ${code} } }, 5)
  timer.unref()`

async function expectAlive(server: RawServer): Promise<void> {
  const { result } = await server.request('tools/list')
  expect(result?.tools).toHaveLength(8)
}

async function expectCleanEnd(server: RawServer): Promise<void> {
  server.child.stdin.end()
  expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
  server.messages()
}

describe('stdout carries the protocol and nothing else', () => {
  test('whatever a library prints or warns goes to stderr', async () => {
    const preload = onceServing(`
      console.log('stray log')
      console.info('stray info')
      process.stdout.write('stray write\\n')
      process.emitWarning('stray warning')`)
    await using server = spawnMcp(clinic, {
      preload,
      env: { NODE_OPTIONS: '--trace-warnings' },
    })
    await server.initialize()
    const listed = await server.request('tools/call', { name: 'list_deployments', arguments: {} })
    expect(listed.result?.isError).toBe(false)
    await until('the noise', () => /stray log[^]*stray write/.test(server.stderr()))
    expect(server.stderr()).toMatch(/stray info/)
    expect(server.stderr()).toMatch(/Warning: stray warning\n\s+at /)
    await expectAlive(server)
    await expectCleanEnd(server)
    expect(JSON.stringify(server.messages())).not.toContain('stray')
  })

  test('the handshake is answered once, however its bytes arrive', async () => {
    await using server = spawnMcp(clinic)
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: named }
    const text = JSON.stringify({ jsonrpc: '2.0', id: 900, method: 'initialize', params })
    server.write(text.slice(0, 40))
    await new Promise((resolve) => setImmediate(resolve))
    server.write(`${text.slice(40)}\n`)
    server.send({ method: 'notifications/initialized' })
    await expectAlive(server)
    const answers = server.messages().filter(({ id }) => id === 900)
    expect(answers).toMatchObject([{ result: { protocolVersion: '2025-06-18' } }])
    await expectCleanEnd(server)
  })

  test('what comes with the handshake in one write is answered, too', async () => {
    await using server = spawnMcp(clinic)
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: named }
    const messages = [
      { jsonrpc: '2.0', id: 901, method: 'initialize', params },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 902, method: 'tools/list' },
    ]
    server.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
    await until('both answers', () => server.messages().length === 2)
    expect(server.messages().map(({ id }) => id)).toEqual([901, 902])
    await expectCleanEnd(server)
  })

  test('a client that leaves at once is no trouble', async () => {
    await using server = spawnMcp(clinic)
    await expectCleanEnd(server)
    expect(server.stderr()).toBe('')
  })

  test('a crash is told on stderr only', async () => {
    const preload = onceServing(`throw new Error('planted crash')`)
    await using server = spawnMcp(clinic, { preload })
    server.send({ id: 1, method: 'tools/list' })
    expect(await server.ended()).toEqual({ exitCode: 1, signal: null })
    expect(server.stderr()).toContain('planted crash')
    server.messages()
  })
})

describe('a client that does not keep to the protocol', () => {
  const garbage: Record<string, string | Uint8Array> = {
    'half an object': '{"jsonrpc":"2.0","id":90,\n',
    'no JSON': 'GET / HTTP/1.1\r\n\r\n',
    'JSON that is no message': '[]\n"text"\nnull\n42\n{}\n',
    'a request without a method': '{"jsonrpc":"2.0","id":91}\n',
    'bytes that are no text': Uint8Array.from({ length: 4096 }, (_, index) =>
      index === 4095 ? 0x0a : 0x80 + (index % 0x7f),
    ),
    'null bytes': '\0\0\0\n',
    'a name of megabytes': `{"jsonrpc":"2.0","id":92,"method":"${'x'.repeat(3_000_000)}"}\n`,
    'brackets without end': `${'['.repeat(200_000)}\n`,
  }

  test('whatever it sends, the next request is answered', async () => {
    await using server = spawnMcp(clinic)
    for (const bytes of Object.values(garbage)) server.write(bytes)
    await server.initialize()
    for (const bytes of Object.values(garbage)) {
      server.write(bytes)
      await expectAlive(server)
    }
    await expectCleanEnd(server)
    expect(server.stderr()).not.toMatch(/\n\s+at /)
  })

  test('arguments that are no object are refused', async () => {
    await using server = spawnMcp(clinic)
    await server.initialize()
    for (const args of [[1], 'text', 7]) {
      const answer = await server.request('tools/call', {
        name: 'list_deployments',
        arguments: args,
      })
      expect(answer.error?.code).toBe(-32602)
    }
    await expectAlive(server)
    await expectCleanEnd(server)
  })

  test('a message that never ends does not leave a deaf server behind', async () => {
    await using server = spawnMcp(clinic)
    await server.initialize()
    server.write('x'.repeat(12_000_000))
    expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
    expect(server.stderr()).toMatch(/gonogo mcp: .*buffer/i)
    server.messages()
  })

  test('a first message of any length, from one that does not read stderr, is answered', async () => {
    await using server = spawnMcp(clinic)
    server.child.stderr.destroy()
    const clientInfo = { name: 'x'.repeat(300_000), version: '1' }
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
    server.send({ id: 903, method: 'initialize', params })
    server.write('{"jsonrpc":"2.0","nothing that is known":1}\n')
    await expectAlive(server)
    expect(server.messages().map(({ id }) => id)).toContain(903)
    await expectCleanEnd(server)
  })

  test('one that stops reading answers ends the server', async () => {
    await using server = spawnMcp(clinic)
    await server.initialize()
    server.child.stdout.destroy()
    server.send({ id: 50, method: 'tools/list' })
    server.send({ id: 51, method: 'tools/list' })
    expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
    expect(server.stderr()).not.toMatch(/\n\s+at /)
  })
})
