import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createAuthority, useAuthority, type Authority } from '../../support/certificates.ts'
import { makeRegistry } from '../../support/registry.ts'
import { makeClient, refusalOf } from './harness.ts'

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const trusted = useAuthority()

/** For a registry, and for a storage of another name. */
function certificateOf(authority: Authority) {
  return authority.issue(2, 'registry.example', ['registry.example', 'storage.example'])
}

/** A proxy that leads to this port whatever name it is asked for. */
async function startProxy(port: number) {
  const asked: string[] = []
  const proxy = createHttp()
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '')
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      server.pipe(client).pipe(server)
    })
    for (const side of [client, server]) side.on('error', () => undefined)
    onTestFinished(() => {
      server.destroy()
    })
  })
  const url = `http://127.0.0.1:${await listen(proxy)}`
  onTestFinished(() => {
    proxy.close().closeAllConnections()
  })
  return { url, asked }
}

it('any other registry is asked over HTTPS, and a storage never gets the header', async () => {
  const hub = makeRegistry('registry.example')
  const heard: unknown[] = []
  const server = createHttps(certificateOf(trusted()), (request, response) => {
    heard.push([request.headers.host, request.headers.authorization?.split(' ')[0]])
    if (request.headers.host === 'registry.example') return hub.listener(request, response)
    hub.access = { kind: 'open', login: null }
    hub.storage = null
    hub.listener(request, response)
  })
  const proxy = await startProxy(await listen(server))
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  hub.access = { kind: 'token', login: 'ada:word' }
  hub.realm = 'https://registry.example/token'
  hub.storage = 'https://storage.example'
  const { digest } = hub.push('acme/api', {}, 'v1')
  const env = {
    HTTPS_PROXY: proxy.url,
    GONOGO_REGISTRY_HOST: 'Registry.example',
    GONOGO_REGISTRY_USER: 'ada',
    GONOGO_REGISTRY_PASSWORD: 'word',
  }
  expect(await makeClient(env).inspect('registry.example/acme/api')).toMatchObject({ digest })
  expect(heard).toEqual([
    ['registry.example', undefined],
    ['registry.example', 'Basic'],
    ['registry.example', 'Bearer'],
    ['registry.example', 'Bearer'],
    ['storage.example', undefined],
  ])
  expect(proxy.asked).toEqual([...Array(4).fill('registry.example:443'), 'storage.example:443'])
  expect(hub.violations).toEqual([])
})

it('a certificate that nobody trusts is refused', async () => {
  const server = createHttps(certificateOf(createAuthority()), (_, response) => response.end())
  const proxy = await startProxy(await listen(server))
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  const { inspect } = makeClient({ HTTPS_PROXY: proxy.url })
  const { code, message } = await refusalOf(inspect('registry.example/acme/api'))
  expect(code).toBe('registry_unavailable')
  expect(message).toContain('did not answer: its certificate is not accepted')
})
