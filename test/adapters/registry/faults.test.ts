import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startRegistry, types, type Fault, type StandIn } from '../../support/registry.ts'
import { makeClient, refusalOf } from './harness.ts'

const firstTag = '/v2/api/manifests/v1'

/** What is said when the registry behaves so. */
async function refused(arrange: (hub: StandIn) => void) {
  const hub = await startRegistry()
  hub.push('api', {}, 'v1')
  arrange(hub)
  const { inspect, pauses } = makeClient()
  return { ...(await refusalOf(inspect(`${hub.host}/api`))), hub, pauses }
}

describe('a registry that does not have it', () => {
  it('is told by its tag', async () => {
    const hub = await startRegistry()
    const { code, message, hint } = await refusalOf(makeClient().inspect(`${hub.host}/api`, 'v2'))
    expect({ code, message }).toEqual({
      code: 'unknown_image',
      message: `${hub.host}/api has no tag v2`,
    })
    expect(hint).toContain('push the image of this commit')
  })

  it('may have something else under it', async () => {
    const { code, message } = await refused((hub) =>
      hub.push('api', { configType: 'application/vnd.cncf.helm.config.v1+json' }, 'v1'),
    )
    expect(code).toBe('unknown_image')
    expect(message).toContain('is no container image but application/vnd.cncf.helm.config.v1+json')
    const old = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
    const schema1 = await refused((hub) => {
      hub.headers = { 'content-type': old }
      hub.pushRaw('api', '{"schemaVersion":1}', types.manifest, 'v1')
    })
    expect(schema1).toMatchObject({ code: 'unknown_image', message: expect.stringContaining(old) })
  })
})

describe('a registry that is in trouble', () => {
  it.each<[string, Fault, string]>([
    ['cuts', 'cut', 'did not answer: the connection was closed before the answer ended'],
    ['is down', { status: 503 }, 'answered 503 and nothing that can be used'],
  ])('is asked once more when it %s', async (_, fault, words) => {
    const lucky = await startRegistry()
    const { digest } = lucky.push('api', {}, 'v1')
    lucky.fault = (path, count) => (path === firstTag && count === 1 ? fault : undefined)
    expect(await makeClient().inspect(`${lucky.host}/api`)).toMatchObject({ digest })

    const down = await refused((hub) => (hub.fault = () => fault))
    expect(down).toMatchObject({ code: 'registry_unavailable', retryable: true })
    expect(down.message).toBe(`${down.hub.host} ${words}`)
    expect(down.hint).toContain(`curl -i http://${down.hub.host}/v2/`)
    expect([down.hub.seen.length, down.pauses]).toEqual([2, [250]])
  })

  it('is told as unreachable', async () => {
    const { inspect } = makeClient()
    expect(await refusalOf(inspect('127.0.0.1:1/api'))).toMatchObject({
      code: 'registry_unavailable',
      message: '127.0.0.1:1 did not answer: connection refused',
    })
  })

  it('is not waited for without end', async () => {
    const limit = AbortSignal.timeout.bind(AbortSignal)
    const timeouts = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => limit(60))
    onTestFinished(() => timeouts.mockRestore())
    const { message } = await refused((hub) => (hub.fault = () => 'silent'))
    expect(message).toContain('did not answer: no whole answer within 15 s')
  })

  it('is left when the caller stops', async () => {
    const hub = await startRegistry()
    hub.fault = () => 'silent'
    const asked = makeClient().inspect(
      `${hub.host}/api`,
      'v1',
      'linux/amd64',
      AbortSignal.timeout(60),
    )
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it.each([
    ['90', ' until 2030-01-01 12:02 UTC', '2030-01-01 12:02'],
    ['Tue, 01 Jan 2030 13:00:00 GMT', ' until 2030-01-01 13:00 UTC', '2030-01-01 13:00'],
    ['99999999999', ' until 2030-01-02 12:00 UTC', '2030-01-02 12:00'],
    [undefined, '', ''],
    ['soon', '', ''],
  ])('says until when it takes no more requests: %s', async (retryAfter, until, hint) => {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
    const limited = await refused((hub) => (hub.fault = () => ({ status: 429, headers })))
    expect(limited).toMatchObject({ code: 'registry_unavailable', retryable: true })
    expect(limited.message).toContain(`takes no more requests${until} (429)`)
    expect(limited.hint).toContain(hint)
    expect(limited.hub.seen).toHaveLength(1)
  })
})

it('behind a proxy that stays silent is left, at the limit and when the caller stops', async () => {
  const held: Duplex[] = []
  const proxy = createServer().on('connect', (_, socket) => void held.push(socket))
  onTestFinished(() => {
    for (const socket of held) socket.destroy()
    proxy.close()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const { inspect } = makeClient({ https_proxy: `http://127.0.0.1:${port}` })
  const stopped = inspect('registry.test/api', 'v1', 'linux/amd64', AbortSignal.timeout(60))
  await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' })
  const limit = AbortSignal.timeout.bind(AbortSignal)
  const timeouts = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => limit(60))
  onTestFinished(() => timeouts.mockRestore())
  const { message } = await refusalOf(inspect('registry.test/api'))
  expect(message).toBe('registry.test did not answer: no whole answer within 15 s')
})

describe('a registry that cannot be believed', () => {
  const other = `sha256:${'0'.repeat(64)}`

  it.each<[string, (hub: StandIn) => unknown, string]>([
    [
      'says another digest',
      (hub) => (hub.headers = { 'docker-content-digest': other }),
      `says ${other} about bytes that are sha256:`,
    ],
    [
      'says a digest nobody can compute',
      (hub) => (hub.headers = { 'docker-content-digest': 'md5:00' }),
      'says md5:00 about bytes that are sha256:',
    ],
    [
      'says a digest called like a part of the language',
      (hub) => (hub.headers = { 'docker-content-digest': 'constructor:00' }),
      'says constructor:00 about bytes that are sha256:',
    ],
    [
      'names a blob in that way',
      (hub) => {
        const config = { mediaType: types.config, digest: '__proto__:00', size: 10 }
        hub.pushRaw('api', JSON.stringify({ config, layers: [] }), types.manifest, 'v1')
      },
      'names __proto__:00, which is no digest',
    ],
    [
      'has other bytes for a blob',
      (hub) =>
        (hub.fault = (path) =>
          path.includes('/blobs/') ? { status: 200, body: '{"os":"linux"}' } : undefined),
      'answered with something else than sha256:',
    ],
    [
      'names a blob that it does not have',
      (hub) => (hub.fault = (path) => (path.includes('/blobs/') ? { status: 404 } : undefined)),
      'and does not have it',
    ],
    [
      'answers with a page',
      (hub) => (hub.fault = () => ({ status: 200, body: '<html>' })),
      'answered with something that is not a manifest',
    ],
    [
      'has two types for one manifest',
      (hub) => (hub.headers = { 'content-type': types.index }),
      `answered with a manifest of two types: ${types.index} and ${types.manifest}`,
    ],
    [
      'never stops talking',
      (hub) => (hub.fault = () => 'endless'),
      'did not answer: an answer of more than 4194304 bytes',
    ],
    [
      'announces too much',
      (hub) => {
        const config = { mediaType: types.config, digest: other, size: 1e12 }
        hub.pushRaw('api', JSON.stringify({ config, layers: [] }), types.manifest, 'v1')
      },
      'with 1000000000000 bytes: too many',
    ],
    [
      'names something else than a digest',
      (hub) => {
        const config = { mediaType: types.config, digest: '../../../token', size: 10 }
        hub.pushRaw('api', JSON.stringify({ config, layers: [] }), types.manifest, 'v1')
      },
      'names ../../../token, which is no digest',
    ],
    [
      'names a digest with more in it',
      (hub) => {
        const config = { mediaType: types.config, digest: `${other}/../../x`, size: 10 }
        hub.pushRaw('api', JSON.stringify({ config, layers: [] }), types.manifest, 'v1')
      },
      'which is no digest',
    ],
    [
      'has a manifest that can be read in two ways',
      (hub) => {
        const config = { mediaType: types.config, digest: other, size: 10 }
        const body = JSON.stringify({ config, layers: [], manifests: [] })
        hub.pushRaw('api', body, types.manifest, 'v1')
      },
      'answered with something that is not a manifest',
    ],
    [
      'lists an image for another platform than it is for',
      (hub) => {
        const arm = hub.push('api', { platform: 'linux/arm64' })
        hub.pushIndex('api', [{ ...arm, platform: { os: 'linux', architecture: 'amd64' } }], 'v1')
      },
      'listed for linux/amd64 and says it is for linux/arm64',
    ],
  ])('is refused when it %s', async (_, arrange, words) => {
    const { code, message } = await refused(arrange)
    expect({ code, message }).toEqual({
      code: 'registry_unavailable',
      message: expect.stringContaining(words),
    })
  })

  it('may leave the digest out, or use a longer one', async () => {
    const hub = await startRegistry()
    const { digest } = hub.push('api', {}, 'v1')
    hub.headers = { 'docker-content-digest': undefined }
    expect(await makeClient().inspect(`${hub.host}/api`)).toMatchObject({ digest })
    const body = JSON.stringify({ mediaType: types.index, manifests: [] })
    hub.pushRaw('long', body, types.index, 'v1')
    const long = `sha512:${createHash('sha512').update(body).digest('hex')}`
    hub.headers = { 'docker-content-digest': long }
    expect(await makeClient().inspect(`${hub.host}/long`)).toMatchObject({ platforms: [] })
  })
})

describe('a redirect', () => {
  it('to a storage is followed, without what is only for the registry', async () => {
    const hub = await startRegistry()
    const { digest } = hub.push('api', { user: 'app' }, 'v1')
    hub.access = { kind: 'token', login: null }
    const heard: (string | undefined)[] = []
    const storage = createServer((request, response) => {
      heard.push(request.headers.authorization)
      hub.access = { kind: 'open', login: null }
      hub.storage = null
      hub.listener(request, response)
    })
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      storage.close().closeAllConnections()
    })
    hub.storage = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`
    const facts = await makeClient().inspect(`${hub.host}/api`)
    expect(facts).toMatchObject({ digest, config: { user: 'app' } })
    expect(heard).toEqual([undefined])
    expect(hub.seen[1]?.authorization).toMatch(/^Bearer /)
  })

  it('to a storage that wants a login is no reason to sign in', async () => {
    const storage = createServer((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="mine"' }).end()
    })
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      storage.close().closeAllConnections()
    })
    const { port } = storage.address() as AddressInfo
    const refusal = await refused((hub) => (hub.storage = `http://127.0.0.1:${port}`))
    expect(refusal.code).toBe('not_permitted')
    expect(refusal.message).toContain('it refuses callers without a login (401)')
  })

  it.each([
    ['http://storage.example', 'redirects to http://storage.example, which is not HTTPS'],
    ['https://169.254.169.254', 'which is an address of a cloud metadata service'],
    ['https://[fe80::1]', 'redirects to https://[fe80::1], which is link-local'],
    ['https://user:word@storage.example', 'which has a user name in it'],
    ['file:///etc', 'which is not HTTPS'],
  ])('to %s is not followed', async (storage, words) => {
    const { code, message, text } = await refused((hub) => (hub.storage = storage))
    expect({ code, message }).toEqual({
      code: 'registry_unavailable',
      message: expect.stringContaining(words),
    })
    expect(text).not.toMatch(/signature|word@/)
  })

  it('that never ends is left', async () => {
    const { message, hub } = await refused((own) => (own.storage = `http://${own.host}`))
    expect(message).toContain('redirects more than 5 times')
    expect(hub.seen).toHaveLength(7)
  })
})
