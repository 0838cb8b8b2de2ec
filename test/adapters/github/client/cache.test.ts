import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAnswerCache } from '../../../../src/adapters/github/client/cache.ts'
import { json, useBench } from './bench.ts'

const bench = useBench()

/** A server whose one answer has a version, and that counts what it answered. */
async function versioned({ serve }: ReturnType<typeof bench>) {
  const state = { version: 1, statuses: [] as number[], asked: [] as (string | undefined)[] }
  const url = await serve((request, response) => {
    const tag = `"v${state.version}"`
    const known = request.headers['if-none-match']
    state.asked.push(known)
    const same = known === tag
    state.statuses.push(same ? 304 : 200)
    if (same) response.writeHead(304, { etag: tag }).end()
    else json(response, { id: 1, version: state.version }, { etag: tag })
  })
  return { url, state }
}

describe('asking again', () => {
  it('costs nothing while nothing changed, in another process too', async () => {
    const one = bench()
    const { url, state } = await versioned(one)
    const read = async () => (await one.client(url).get<{ version: number }>('/x')).data
    expect(await read()).toEqual({ id: '1', version: 1 })
    expect(await read()).toEqual({ id: '1', version: 1 })
    state.version = 2
    expect(await read()).toEqual({ id: '1', version: 2 })
    expect(await read()).toEqual({ id: '1', version: 2 })
    expect(state.statuses).toEqual([200, 304, 200, 304])
  })

  it('of many at once is one request for each client, and one that counts', async () => {
    const one = bench()
    const { url, state } = await versioned(one)
    // Each client stands for a process: they share only the files.
    const clients = Array.from({ length: 4 }, () => one.client(url))
    const watch = async () =>
      await Promise.all(clients.flatMap((client) => [client.get('/x'), client.get('/x')]))
    await watch()
    expect(state.statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(state.statuses).toHaveLength(4)
    state.version = 2
    const answers = await watch()
    expect(state.statuses.filter((status) => status === 200)).toHaveLength(2)
    expect(state.statuses).toHaveLength(8)
    // Nobody shares an object with somebody else.
    ;(answers[0]!.data as { version: number }).version = 99
    expect(answers.slice(1).map(({ data }) => data)).toEqual(
      Array.from({ length: 7 }, () => ({ id: '1', version: 2 })),
    )
  })

  it('pages are known one by one, with the way to the next', async () => {
    const one = bench()
    const statuses: number[] = []
    const url = await one.serve((request, response) => {
      const isFirst = !request.url?.includes('page=2')
      const etag = isFirst ? '"a"' : '"b"'
      const same = request.headers['if-none-match'] === etag
      statuses.push(same ? 304 : 200)
      const link = `<http://${request.headers.host}/repos/acme/clinic/x?page=2>; rel="next"`
      if (same) response.writeHead(304, { etag }).end()
      else json(response, [{ id: isFirst ? 1 : 2 }], { etag, ...(isFirst && { link }) })
    })
    const list = async () => (await one.client(url).list('/x')).items
    expect(await list()).toEqual([{ id: '1' }, { id: '2' }])
    expect(await list()).toEqual([{ id: '1' }, { id: '2' }])
    expect(statuses).toEqual([200, 200, 304, 304])
  })

  it('never gives one what another asked for', async () => {
    const one = bench()
    const { url, state } = await versioned(one)
    await one.client(url, { token: 'ghp_ada' }).get('/x')
    await one.client(url, { token: 'ghp_bob' }).get('/x')
    await one.client(url, { token: 'ghp_ada' }).as('ghp_eve').get('/x')
    await one.client(url, { token: 'ghp_ada' }).get('/y')
    expect(state.asked).toEqual([undefined, undefined, undefined, undefined])
  })
})

const places = (directory: string) => join(directory, 'state/github/cache')

const answer = (data: unknown) => ({ url: 'u', etag: '"e"', status: 200, link: null, data })

describe('the files', () => {
  it('are the user’s alone and tell no token', async () => {
    const one = bench()
    const { url } = await versioned(one)
    await one.client(url, { token: 'ghp_secret' }).get('/x')
    const place = places(one.directory)
    const names = readdirSync(place)
    expect(names).toHaveLength(1)
    const file = join(place, names[0]!)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(place).mode & 0o777).toBe(0o700)
    expect(names[0] + readFileSync(file, 'utf8')).not.toContain('ghp_secret')
  })

  it.each(['', '{', 'null', '{"etag":"\\"v1\\""}', '{"url":"http://other","etag":"x","data":1}'])(
    'that hold %j are asked for again',
    async (text) => {
      const one = bench()
      const { url, state } = await versioned(one)
      await one.client(url).get('/x')
      const place = places(one.directory)
      writeFileSync(join(place, readdirSync(place)[0]!), text)
      expect((await one.client(url).get('/x')).data).toEqual({ id: '1', version: 1 })
      expect(state.asked).toEqual([undefined, undefined])
    },
  )

  it('a lock that somebody left behind who died holds nobody up', async () => {
    const one = bench()
    const { url } = await versioned(one)
    await one.client(url).get('/x')
    const place = places(one.directory)
    const [entry = ''] = readdirSync(place)
    // No process has so high a number.
    writeFileSync(join(place, entry.replace('.json', '.lock')), '99999999')
    const started = performance.now()
    await one.client(url).get('/x')
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(readdirSync(place)).toEqual([entry])
  })

  it('a directory that cannot be written costs requests and nothing else', async () => {
    const one = bench()
    const { url, state } = await versioned(one)
    writeFileSync(join(one.directory, 'state'), 'a file')
    await one.client(url).get('/x')
    expect((await one.client(url).get('/x')).data).toEqual({ id: '1', version: 1 })
    expect(state.statuses).toEqual([200, 200])
  })

  it('are limited in number and size, the oldest first', async () => {
    const { directory } = bench()
    const cache = createAnswerCache(directory)
    for (let index = 0; index < 520; index++) {
      const file = join(directory, `old${index}.json`)
      writeFileSync(file, '{}')
      utimesSync(file, index, index)
    }
    await cache.write('new', answer(1))
    const names = readdirSync(directory)
    expect(names).toHaveLength(500)
    expect(names).toEqual(expect.arrayContaining(['new.json', 'old519.json']))
    expect(names).not.toContain('old20.json')
    await cache.write('large', answer('x'.repeat(5_000_000)))
    expect(await cache.read('large', 'u')).toBeNull()
  })
})
