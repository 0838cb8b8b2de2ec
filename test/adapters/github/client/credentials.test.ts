import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import { failureOf, installApp, json, settings, useBench } from './bench.ts'

const bench = useBench()

/** A server that knows one token, which the test may change. */
async function guarded({ serve }: ReturnType<typeof bench>, token: string) {
  const state = { token, asked: [] as string[] }
  const url = await serve((request, response) => {
    const given = String(request.headers.authorization)
    state.asked.push(given)
    const known = given === `Bearer ${state.token}`
    json(response, known ? { ok: true } : { message: 'Bad credentials' }, {}, known ? 200 : 401)
  })
  return { url, state }
}

const node = (code: string) => ({
  settings: { ...settings, token_command: [process.execPath, '-e', code] },
})

describe('a token command', () => {
  it('is run once for all requests, and wins over GITHUB_TOKEN', async () => {
    const one = bench()
    const { url, state } = await guarded(one, 'gho_said')
    const log = join(one.directory, 'runs')
    const code = `fs.appendFileSync(${JSON.stringify(log)}, 'x'); console.log('gho_said')`
    const client = one.client(url, {
      settings: { ...node(code).settings, api_url: url },
      token: 'ghp_other',
    })
    await Promise.all([client.get('GET /a'), client.get('GET /b')])
    await client.get('GET /c')
    expect(readFileSync(log, 'utf8')).toBe('x')
    expect(new Set(state.asked)).toEqual(new Set(['Bearer gho_said']))
  })

  it('is run again when GitHub no longer takes what it said', async () => {
    const one = bench()
    const { url, state } = await guarded(one, 'gho_1')
    const file = join(one.directory, 'token')
    writeFileSync(file, 'gho_1')
    const client = one.client(url, {
      settings: {
        ...settings,
        api_url: url,
        token_command: [process.execPath, '-p', `fs.readFileSync(${JSON.stringify(file)}, 'utf8')`],
      },
    })
    await client.get('GET /a')
    writeFileSync(file, 'gho_2')
    state.token = 'gho_2'
    expect((await client.get('GET /b')).data).toEqual({ ok: true })
    // A change is refused and not sent again, but what comes next has the new token.
    writeFileSync(file, 'gho_3')
    state.token = 'gho_3'
    const failure = await failureOf(client.send('POST', '/x'))
    expect(failure).toMatchObject({
      code: 'not_permitted',
      details: { status: 401, outcome: 'refused' },
    })
    expect(failure.message).toContain('github.token_command')
    expect((await client.get('GET /c')).data).toEqual({ ok: true })
  })

  it.each([
    ['process.exit(3)', 'ended with exit code 3'],
    ['0', 'printed nothing'],
    ["console.log('gho_a b')", 'gives no token'],
    ["console.error('gho_secret'); process.exit(1)", 'ended with exit code 1'],
  ])('that does %s is told without what it printed', async (code, expected) => {
    const one = bench()
    const { url } = await guarded(one, 'x')
    const client = one.client(url, { settings: { ...node(code).settings, api_url: url } })
    const failure = await failureOf(client.get('GET /a'))
    expect(failure.code).toBe('not_permitted')
    expect(failure.message).toContain(expected)
    expect(failure.message + failure.hint).not.toMatch(/gho_a|gho_secret/)
  })

  it('that does not exist is told by name', async () => {
    const client = bench().client('http://127.0.0.1:9', {
      settings: { ...settings, api_url: 'http://127.0.0.1:9', token_command: ['no-such-gh'] },
    })
    const { code, message } = await failureOf(client.get('GET /a'))
    expect({ code, message }).toMatchObject({
      code: 'missing_program',
      message: expect.stringContaining('no-such-gh'),
    })
  })
})

/** A server that gives out installation tokens to whoever signs as the App. */
async function appServer({ serve }: ReturnType<typeof bench>, lifetimeMs: number) {
  const state = { given: 0, refuse: '', asked: [] as string[] }
  const url = await serve((request, response) => {
    const given = String(request.headers.authorization)
    if (request.url === '/app/installations/34/access_tokens') {
      state.given += 1
      const [, payload = ''] = given.split('.')
      const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: unknown }
      const expires_at = new Date(Date.now() + lifetimeMs).toISOString()
      if (Number(iss) !== 12) json(response, { message: 'no' }, {}, 401)
      else json(response, { token: `ghs_12_${state.given}`, expires_at, permissions: {} }, {}, 201)
      return
    }
    if (request.url === '/repos/acme/clinic/installation') {
      json(response, { app_slug: 'gonogo' }, {}, given.includes('ghs_') ? 401 : 200)
      return
    }
    state.asked.push(given)
    const isRefused = given === `Bearer ${state.refuse}`
    json(response, isRefused ? {} : { ok: true }, {}, isRefused ? 401 : 200)
  })
  return { url, state }
}

const app = (file: string, id = '12') => ({
  ...settings,
  app: { id, installation_id: '34', private_key_file: file },
})

describe('a GitHub App', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' })

  function keyFile(directory: string, mode = 0o600): string {
    const file = join(directory, 'app.pem')
    writeFileSync(file, pem)
    chmodSync(file, mode)
    return file
  }

  it('acts with tokens of its installation, renewed before they end', async () => {
    const one = bench()
    const { url, state } = await appServer(one, 3_600_000)
    let late = 0
    const runtime = {
      ...createRuntime(),
      now: () => Date.now() + late,
      sleep: async () => undefined,
    }
    const client = one.client(url, {
      settings: { ...app(keyFile(one.directory)), api_url: url },
      runtime,
    })
    expect(await client.login()).toBe('gonogo[bot]')
    await client.get('GET /a')
    await client.get('GET /b')
    expect(state.given).toBe(1)
    late = 56 * 60_000
    await client.get('GET /c')
    expect(state.asked).toEqual(['Bearer ghs_12_1', 'Bearer ghs_12_1', 'Bearer ghs_12_2'])
  })

  it('asks for another token once when one is refused', async () => {
    const one = bench()
    const { url, state } = await appServer(one, 3_600_000)
    const client = one.client(url, { settings: { ...app(keyFile(one.directory)), api_url: url } })
    state.refuse = 'ghs_12_1'
    expect((await client.get('GET /a')).data).toEqual({ ok: true })
    expect(state.asked).toEqual(['Bearer ghs_12_1', 'Bearer ghs_12_2'])
  })

  it('works through the stand-in, and its answers fit GitHub’s description', async () => {
    const one = bench()
    const hub = await one.hub()
    const installed = installApp(hub, one.directory)
    const client = one.client(hub.apiUrl, {
      settings: { ...settings, app: installed, api_url: hub.apiUrl },
    })
    const login = 'acme-deployer[bot]'
    expect(await client.login()).toBe(login)
    await client.get('/git/ref/{ref}', { ref: 'heads/main' })
    expect(hub.requests.at(-1)).toMatchObject({ status: 200, login })
    expect(hub.violations).toEqual([])
  })

  it.each([
    ['can be read by others (mode 644)', 0o644, '12', /chmod 600/],
    ['GitHub answered 401', 0o600, '13', /compare github\.app\.id/],
  ])('that %s is refused', async (expected, mode, id, hint) => {
    const one = bench()
    const { url } = await appServer(one, 3_600_000)
    const file = keyFile(one.directory, mode)
    const client = one.client(url, { settings: { ...app(file, id), api_url: url } })
    const failure = await failureOf(client.send('POST', '/x'))
    expect(failure).toMatchObject({ code: 'not_permitted', details: { outcome: 'refused' } })
    expect(failure.message).toContain(expected)
    expect(failure.hint).toMatch(hint)
    expect(JSON.stringify(failure)).not.toContain('PRIVATE KEY')
  })

  it('without its key file is refused', async () => {
    const one = bench()
    const file = join(one.directory, 'none.pem')
    expect(existsSync(file)).toBe(false)
    const { message } = await failureOf(
      one
        .client('http://127.0.0.1:9', { settings: { ...app(file), api_url: 'http://127.0.0.1:9' } })
        .get('GET /a'),
    )
    expect(message).toBe(`github.app.private_key_file ${file} cannot be read (ENOENT)`)
  })
})

describe('a proxy', () => {
  it('that is none is told by the variable, and what it names stays hidden', async () => {
    const client = bench().client('http://127.0.0.1:9', { env: { HTTPS_PROXY: 'me:s3cret@proxy' } })
    const { code, message, details } = await failureOf(client.send('POST', '/x'))
    expect({ code, details }).toEqual({
      code: 'invalid_configuration',
      details: { outcome: 'refused' },
    })
    expect(message).toContain('HTTPS_PROXY')
    expect(message).not.toContain('s3cret')
  })

  it('is used for GitHub as the environment says, and for nothing else', async () => {
    const one = bench()
    const asked: string[] = []
    const sockets: { destroy(): void }[] = []
    const proxy = http.createServer().on('connect', (request, socket) => {
      asked.push(String(request.url))
      const [, port] = String(request.url).split(':')
      sockets.push(socket)
      const upstream = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      socket.on('error', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
    })
    await new Promise<void>((listening) => void proxy.listen(0, '127.0.0.1', listening))
    const { port } = proxy.address() as { port: number }
    const url = await one.serve((_, response) => json(response, { ok: true }))
    const HTTP_PROXY = `http://127.0.0.1:${port}`
    try {
      // Only the proxy finds this host: loopback under a name that no resolver knows.
      const host = url.replace('127.0.0.1', 'github.invalid')
      expect((await one.client(host, { env: { HTTP_PROXY } }).get('GET /x')).data).toEqual({
        ok: true,
      })
      expect(asked).toHaveLength(1)
      await one.client(url, { env: { HTTP_PROXY, NO_PROXY: '127.0.0.1' } }).get('GET /y')
      await fetch(url)
      expect(asked).toHaveLength(1)
    } finally {
      for (const socket of sockets) socket.destroy()
      proxy.closeAllConnections()
      await new Promise((done) => proxy.close(done))
    }
  })
})
