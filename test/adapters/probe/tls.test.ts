import { expect, it } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import { createAuthority, useAuthority } from '../../support/certificates.ts'
import { answer, step, useServers, type Received } from './servers.ts'

const servers = useServers()
const trusted = useAuthority()
const probe = createProbe({ now: () => Date.now() })

async function asked(url: string, changes: Parameters<typeof step>[0] = {}) {
  const request = { baseUrl: url, steps: [step(changes)], variables: {}, timeoutMs: 10_000 }
  const [result] = await probe.smoke(request)
  return result!
}

it('is right while the certificate is valid for long enough, and says for how long', async () => {
  const url = await servers.https(trusted().issue(40), (_, response) => answer(response, {}))
  expect(await asked(url, { expect: { tls_days_left: 30 } })).toMatchObject({
    passed: true,
    tls: { subject: 'shop.test', issuer: 'gonogo test authority', days_left: 40 },
  })
  expect(await asked(url, { expect: { tls_days_left: 60 } })).toMatchObject({
    passed: false,
    message:
      'the certificate ends too soon: 60 days wanted (subject shop.test, issued by gonogo test authority, 40 day(s) left)',
  })
  expect(await asked(url)).toMatchObject({ passed: true })
  expect((await asked(url)).tls).toBeUndefined()
})

it('looks at the certificate although an earlier step left a connection open', async () => {
  const url = await servers.https(trusted().issue(5), (_, response) => answer(response, {}))
  const steps = [step({ name: 'a' }), step({ name: 'b', expect: { tls_days_left: 14 } })]
  const [, second] = await probe.smoke({ baseUrl: url, steps, variables: {}, timeoutMs: 10_000 })
  expect(second).toMatchObject({ passed: false, tls: { days_left: 5 } })
})

it.each([
  [
    'expired',
    -12,
    'the certificate has expired (subject shop.test, issued by gonogo test authority, expired 12 day(s) ago)',
  ],
  ['not valid yet', 900, 'the certificate is not valid yet (subject shop.test'],
])('fails on one that is %s, without sending anything', async (_, days, message) => {
  const seen: Received[] = []
  const url = await servers.https(trusted().issue(days), (request, response) => {
    seen.push(request)
    answer(response, {})
  })
  const result = await asked(url, { headers: { authorization: 'Bearer secret-token' } })
  expect(result).toMatchObject({ passed: false, ran: true, status: null })
  expect(result.message).toContain(message)
  expect(seen).toEqual([])
})

it('fails on one that nobody known has issued, and on one for another host', async () => {
  const unknown = await servers.https(createAuthority().issue(40), () => undefined)
  expect((await asked(unknown)).message).toContain(
    'the certificate comes from an authority that is not known here (subject shop.test, issued by gonogo test authority, 40 day(s) left)',
  )
  const url = await servers.https(trusted().issue(40), () => undefined)
  const elsewhere = createProbe({
    now: () => Date.now(),
    resolve: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  const baseUrl = url.replace('localhost', 'other.test')
  const [result] = await elsewhere.smoke({
    baseUrl,
    steps: [step({})],
    variables: {},
    timeoutMs: 9000,
  })
  expect(result!.message).toContain('the certificate is for another host (subject shop.test')
})

it('says that a connection without TLS has no certificate', async () => {
  const url = await servers.http((_, response) => answer(response, {}))
  expect((await asked(url, { expect: { tls_days_left: 1 } })).message).toBe(
    'the certificate could not be looked at: is the URL https?',
  )
})
