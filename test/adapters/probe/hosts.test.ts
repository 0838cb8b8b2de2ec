import type { LookupAddress } from 'node:dns'
import { expect, it } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { SmokeRequest } from '../../../src/ports/probe.ts'
import { answer, step, useServers } from './servers.ts'

const servers = useServers()

/** A probe for which every name has these addresses, and the names it looked up. */
function resolving(...addresses: string[]) {
  const asked: string[] = []
  const probe = createProbe({
    now: () => Date.now(),
    resolve(host, _options, done) {
      asked.push(host)
      const found: LookupAddress[] = addresses.map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }))
      done(null, found)
    },
  })
  return { probe, asked }
}

async function ask(
  { probe }: ReturnType<typeof resolving>,
  baseUrl: string,
  changes: Parameters<typeof step>[0] = {},
  more: Partial<SmokeRequest> = {},
) {
  const steps = [step({ retry: { attempts: 3, delay_seconds: 60 }, ...changes })]
  const [result] = await probe.smoke({ baseUrl, steps, variables: {}, timeoutMs: 5000, ...more })
  return result!
}

/** A server that counts, and its port. */
async function counting() {
  let requests = 0
  const url = await servers.http((_, response) => {
    requests++
    answer(response, {})
  })
  return { url, port: new URL(url).port, requests: () => requests }
}

it('reaches no host that is not configured, and names the key that would allow it', async () => {
  const { url, port, requests } = await counting()
  const local = resolving('127.0.0.1')
  const elsewhere = { path: null, url: `http://auth.test:${port}/login` }
  expect(await ask(local, url, elsewhere)).toMatchObject({
    passed: false,
    ran: false,
    attempts: 1,
    message: `not run: auth.test:${port} is not a configured host: add "auth.test:${port}" to smoke.allowed_hosts in gonogo.yaml`,
  })
  expect([requests(), local.asked]).toEqual([0, []])
  for (const allowed of [`auth.test:${port}`, 'AUTH.test']) {
    const allowedHosts = [allowed]
    expect(await ask(local, url, elsewhere, { allowedHosts })).toMatchObject({ passed: true })
  }
  expect(await ask(local, url, elsewhere, { allowedHosts: ['auth.test:1'] })).toMatchObject({
    passed: false,
  })
  expect(requests()).toBe(2)
})

it('lets no value that was inserted lead it to another host', async () => {
  const { url, port, requests } = await counting()
  const values = { variables: { ID: `@auth.test:${port}/`, WHERE: `http://auth.test:${port}` } }
  expect(await ask(resolving(), url, { path: '/{{env.ID}}' }, values)).toMatchObject({
    passed: true,
  })
  expect(requests()).toBe(1)
  const named = { path: null, url: '{{env.WHERE}}/x' }
  expect((await ask(resolving('127.0.0.1'), url, named, values)).message).toContain(
    'is not a configured host',
  )
  const user = { variables: { WHERE: `http://name:word@127.0.0.1:${port}` } }
  expect((await ask(resolving(), url, named, user)).message).toContain(
    'has a user name or password',
  )
  expect(requests()).toBe(1)
})

it.each([
  ['169.254.169.254', 'is an address of a cloud metadata service'],
  ['169.254.1.2', 'is link-local'],
  ['fe80::1', 'is link-local'],
  ['fd00:ec2::254', 'is an address of a cloud metadata service'],
  ['::ffff:169.254.169.254', 'is an address of a cloud metadata service'],
  ['0.0.0.0', 'is unspecified'],
  ['224.0.0.1', 'is multicast'],
])('asks nothing of a name that leads to %s, even among others', async (address, why) => {
  const world = resolving('127.0.0.1', address)
  const result = await ask(world, 'http://staging.test:81', { retry: null })
  expect(result).toMatchObject({ passed: false, status: null })
  expect(result.message).toBe(
    `staging.test leads to ${address}: refused: ${address} ${why}, and nothing is asked of such addresses`,
  )
  const got = await world.probe.get('http://staging.test:81/health', { timeoutMs: 1000 })
  expect(got).toMatchObject({ reached: false, problem: expect.stringContaining(why) })
})

it.each(['http://169.254.169.254', 'http://[::ffff:a9fe:a9fe]', 'http://0xa9.0xfe.0xa9.0xfe'])(
  'asks nothing of %s, although it is configured',
  async (baseUrl) => {
    const result = await ask(resolving(), baseUrl)
    expect(result.message).toContain('is an address of a cloud metadata service')
    expect(result).toMatchObject({ passed: false, ran: false })
  },
)

it('connects to the address that it looked at, and looks once', async () => {
  const { port, requests } = await counting()
  const world = resolving('127.0.0.1')
  expect(await ask(world, `http://staging.test:${port}`)).toMatchObject({ passed: true })
  expect([requests(), world.asked]).toEqual([1, ['staging.test']])
})
