import { expect, it } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import { answer, step, useServers, type Received } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })

/** A server that redirects by the first segment of the path, and what it received. */
async function redirector(to: string, status = 302): Promise<{ url: string; seen: Received[] }> {
  const seen: Received[] = []
  const url = await servers.http((request, response) => {
    seen.push(request)
    if (request.url === '/end') answer(response, { at: 'end' })
    else response.writeHead(status, { location: to }).end()
  })
  return { url, seen }
}

async function follow(url: string, changes: Parameters<typeof step>[0] = {}) {
  const steps = [step({ path: '/start', follow_redirects: true, ...changes })]
  const [result] = await probe.smoke({ baseUrl: url, steps, variables: {}, timeoutMs: 10_000 })
  return result!
}

it('are not followed unless asked for', async () => {
  const { url, seen } = await redirector('/end')
  expect(await follow(url, { follow_redirects: false, expect: { status: 302 } })).toMatchObject({
    passed: true,
  })
  expect(seen).toHaveLength(1)
})

it('are followed on the same host, headers included', async () => {
  const { url, seen } = await redirector('/end')
  const result = await follow(url, { headers: { 'X-Key': 'k' }, expect: { json: { at: 'end' } } })
  expect(result).toMatchObject({ passed: true, status: 200 })
  expect(seen.map((request) => [request.url, request.headers['x-key']])).toEqual([
    ['/start', 'k'],
    ['/end', 'k'],
  ])
})

it.each([
  [302, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [302, 'PUT', 'PUT', '{"a":1}'],
  [307, 'POST', 'POST', '{"a":1}'],
])('with %i turn %s into %s', async (status, method, becomes, body) => {
  const { url, seen } = await redirector('/end', status)
  await follow(url, { method: method as 'POST' | 'PUT', body: { a: 1 } })
  expect(seen[1]).toMatchObject({ method: becomes, body })
})

it('to another host or port are refused, and nothing is sent there', async () => {
  const other = await redirector('/end')
  const { url } = await redirector(`${other.url}/end`)
  expect(await follow(url, { headers: { authorization: 'secret' } })).toMatchObject({
    passed: false,
    ran: true,
    status: 302,
    message: `redirected to ${other.url}, which is not followed: another host`,
  })
  expect(other.seen).toEqual([])
})

it.each([
  ['file:///etc/passwd', 'redirected to file://, which is not followed: another host'],
  ['http://[', 'redirected to something that is not a URL'],
  ['/again', 'redirected more than 5 times'],
])('to %s end in a failure', async (to, message) => {
  const { url, seen } = await redirector(to)
  expect(await follow(url)).toMatchObject({ passed: false, message })
  expect(seen.length).toBeLessThanOrEqual(6)
})
