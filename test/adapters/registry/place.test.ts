import dns, { type lookup } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { expect, it, onTestFinished } from 'vitest'
import { guarded } from '../../../src/adapters/registry/guarded-lookup.ts'
import { placeOf, whyNotTo } from '../../../src/adapters/registry/place.ts'
import { makeClient, refusalOf } from './harness.ts'

it.each([
  ['ghcr.io/Acme/Clinic', 'https://ghcr.io', 'acme/clinic'],
  ['Registry.Example:5000/api', 'https://registry.example:5000', 'api'],
  ['10.0.0.7:5000/api', 'https://10.0.0.7:5000', 'api'],
  ['localhost:5000/api', 'http://localhost:5000', 'api'],
  ['127.0.0.1:5000/a/b/c', 'http://127.0.0.1:5000', 'a/b/c'],
  ['localhost.example/api', 'https://localhost.example', 'api'],
  ['127.0.0.1.example/api', 'https://127.0.0.1.example', 'api'],
])('%s is asked at %s', (image, origin, name) => {
  expect(placeOf(image)).toMatchObject({ origin, name })
})

it('Docker Hub has another name for its API, and its own images below library', () => {
  const place = { origin: 'https://registry-1.docker.io', name: 'library/nginx' }
  expect(placeOf('docker.io/nginx')).toMatchObject(place)
  expect(placeOf('docker.io/acme/api')).toMatchObject({ ...place, name: 'acme/api' })
  expect(placeOf('docker.io/nginx').logins[0]).toBe('https://index.docker.io/v1/')
})

it.each([
  ['https://storage.example/x', null],
  ['https://10.1.2.3/x', null],
  ['http://storage.example/x', 'which is not HTTPS'],
  ['https://localhost/x', 'which is this machine'],
  ['https://127.8.8.8/x', 'which is this machine'],
  ['https://2130706433/x', 'which is this machine'],
  ['https://[::1]/x', 'which is this machine'],
  ['https://[::ffff:127.0.0.1]/x', 'which is this machine'],
  ['https://[::ffff:169.254.169.254]/x', 'which is an address of a cloud metadata service'],
  ['https://0.0.0.0/x', 'which is unspecified'],
  ['https://ada@storage.example/x', 'which has a user name in it'],
])('a registry may not send gonogo anywhere: %s', (url, words) => {
  expect(whyNotTo(new URL(url), placeOf('ghcr.io/acme/api'))).toBe(words)
})

it('a registry on this machine may send gonogo to this machine', () => {
  const place = placeOf('localhost:5000/api')
  expect(whyNotTo(new URL('http://127.0.0.1:9000/x'), place)).toBeNull()
  expect(whyNotTo(new URL('http://storage.example/x'), place)).toBe('which is not HTTPS')
})

/** What becomes of a name that a name server says to stand for these addresses. */
async function resolved(addresses: string | string[], mayBeLocal = false) {
  const found = Array.isArray(addresses)
    ? addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    : addresses
  const look = (_name: string, _options: object, callback: (...args: unknown[]) => void) =>
    callback(null, found, 4)
  const { promise, resolve } = Promise.withResolvers<string>()
  guarded(look as unknown as typeof lookup, mayBeLocal)('registry.example', {}, (error, ip) =>
    resolve(error ? error.message : JSON.stringify(ip)),
  )
  return promise
}

it('what a name stands for is looked at, too', async () => {
  expect(await resolved('192.0.2.1')).toBe('"192.0.2.1"')
  expect(await resolved(['192.0.2.1', '2001:db8::1'])).toContain('2001:db8::1')
  expect(await resolved('169.254.169.254', true)).toBe(
    'its name stands for 169.254.169.254, which is an address of a cloud metadata service',
  )
  expect(await resolved(['192.0.2.1', 'fe80::1'])).toContain('which is link-local')
  expect(await resolved('127.0.0.1')).toBe('its name stands for 127.0.0.1, which is this machine')
  expect(await resolved('127.0.0.1', true)).toBe('"127.0.0.1"')
})

function nameServer(name: string, _options: object, callback: (...args: unknown[]) => void) {
  const address = name === 'here.example' ? '127.0.0.1' : '169.254.169.254'
  callback(null, [{ address, family: 4 }])
}

it('which every request does', async () => {
  const real = dns.lookup
  Object.assign(dns, { lookup: nameServer })
  syncBuiltinESMExports()
  onTestFinished(() => {
    Object.assign(dns, { lookup: real })
    syncBuiltinESMExports()
  })
  const { inspect } = makeClient()
  expect((await refusalOf(inspect('there.example:1/api'))).message).toContain(
    'did not answer: its name stands for 169.254.169.254',
  )
  // What a person configured may be this machine under another name.
  expect((await refusalOf(inspect('here.example:1/api'))).message).toContain('connection refused')
})
