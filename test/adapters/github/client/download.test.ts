import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failureOf, json, useBench } from './bench.ts'

const bench = useBench()

/** GitHub, which redirects to a storage that the test makes. */
async function stored(
  one: ReturnType<typeof bench>,
  storage: Parameters<typeof one.serve>[0],
  redirect: (url: string) => string = (url) => `${url}/blob?sig=secret`,
) {
  const asked: Record<string, unknown>[] = []
  const blob = await one.serve((request, response, body) => {
    asked.push({ ...request.headers, url: request.url })
    storage(request, response, body)
  })
  const url = await one.serve((_, response) => {
    response.writeHead(302, { location: redirect(blob) }).end()
  })
  return { client: one.client(url), asked, url }
}

const textOf = async (body: ReadableStream<Uint8Array>) => await new Response(body).text()

describe('a download', () => {
  it('follows to the storage without the token', async () => {
    const { client, asked } = await stored(bench(), (_, response) => {
      response.writeHead(200, { 'content-length': '5' }).end('hello')
    })
    const found = await client.download('/actions/jobs/{id}/logs', { id: '1' })
    expect(found).toMatchObject({ status: 200, length: 5, total: null })
    expect(await textOf(found!.body)).toBe('hello')
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ url: '/blob?sig=secret', 'user-agent': 'gonogo/1.2.3' })
    expect(asked[0]).not.toHaveProperty('authorization')
  })

  it('asks for a part where that is wanted, and tells the size of the whole', async () => {
    const { client, asked } = await stored(bench(), (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 2-3/9', 'content-length': '2' }).end('ll')
    })
    const found = await client.download('/x', {}, { range: { first: 2, last: 3 } })
    expect(asked[0]).toMatchObject({ range: 'bytes=2-3' })
    expect(found).toMatchObject({ status: 206, length: 2, total: 9 })
    await found!.body.cancel()
  })

  it.each([404, 410])('that is gone (%d) is null', async (status) => {
    const { client } = await stored(bench(), (_, response) => response.writeHead(status).end())
    expect(await client.download('/x')).toBeNull()
  })

  it.each(['content-length', 'chunks'])('that is cut (%s) ends with an error', async (kind) => {
    const { client } = await stored(bench(), (_, response) => {
      response.writeHead(200, kind === 'chunks' ? {} : { 'content-length': '500' })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    const found = await client.download('/x')
    await expect(textOf(found!.body)).rejects.toThrow('terminated')
  })

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x'])(
    'never follows to %s',
    async (location) => {
      const { client } = await stored(
        bench(),
        (_, response) => response.end(),
        () => location,
      )
      expect((await failureOf(client.download('/x'))).message).toContain('does not follow')
    },
  )

  it('ends a chain of redirects', async () => {
    const one = bench()
    const { client, asked } = await stored(one, (request, response) => {
      response.writeHead(302, { location: String(request.url) }).end()
    })
    expect((await failureOf(client.download('/x'))).code).toBe('pipeline_refused')
    expect(asked.length).toBeLessThan(6)
  })

  it('refused by GitHub is a failure that says why, and tells no link', async () => {
    const one = bench()
    const url = await one.serve((_, response) =>
      json(response, {}, { 'x-accepted-github-permissions': 'actions=read' }, 403),
    )
    expect((await failureOf(one.client(url).download('/x'))).message).toContain(
      'the token lacks actions=read',
    )
    const { client } = await stored(bench(), (_, response) => response.writeHead(403).end())
    const { message, hint } = await failureOf(client.download('/x'))
    expect(message + hint).not.toContain('secret')
  })

  it('is tried again while the storage is not there, and is never kept', async () => {
    const one = bench()
    let tries = 0
    const { client } = await stored(one, (_, response) => {
      tries += 1
      response.writeHead(tries < 3 ? 503 : 200).end('log')
    })
    expect(await textOf((await client.download('/x'))!.body)).toBe('log')
    expect(one.waits).toHaveLength(2)
    expect(readdirSync(one.directory)).not.toContain('state')
  })

  it('ends when its caller does', async () => {
    const { client } = await stored(bench(), (_, response) => {
      response.writeHead(200)
      response.write('first')
    })
    const over = new AbortController()
    const found = await client.download('/x', {}, { signal: over.signal })
    const reader = found!.body.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
    const rest = reader.read()
    over.abort(new Error('enough'))
    await expect(rest).rejects.toThrow('enough')
  })
})
