import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import type { Hub } from '../../../hub/hub.ts'
import { startHub } from '../../../hub/start.ts'
import { bareRepository, failureOf, json, settings, useBench } from './bench.ts'

const bench = useBench()
let hub: Hub
let end: () => Promise<void>

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-github-'))
  hub = await startHub({ git: bareRepository(directory) })
  end = async () => {
    await hub.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

afterAll(() => end())

afterEach(() => {
  hub.settings.missingPermissions.clear()
  expect(hub.violations).toEqual([])
})

describe('what is sent', () => {
  it('names gonogo, its version of the API and the token, and asks below the repository', async () => {
    const { client } = bench()
    const { data } = await client(hub.apiUrl, { token: hub.token }).get<{ ref: string }>(
      '/git/ref/{ref}',
      { ref: 'heads/main' },
    )
    expect(data.ref).toBe('refs/heads/main')
    const { path, headers } = hub.requests.at(-1)!
    expect(path).toBe('/repos/acme/clinic/git/ref/heads%2Fmain')
    expect(headers).toMatchObject({
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'gonogo/1.2.3',
    })
  })

  it('a change is one request with its parameters as the body', async () => {
    const { client, serve } = bench()
    const seen: string[] = []
    const url = await serve(({ method, url: path }, response, body) => {
      seen.push(`${method} ${path} ${body}`)
      json(response, { id: 7 }, {}, 201)
    })
    const answer = await client(url).send('POST', '/deployments', { ref: 'main', big: 5n })
    expect(seen).toEqual(['POST /repos/acme/clinic/deployments {"ref":"main","big":5}'])
    expect(answer).toMatchObject({ status: 201, data: { id: '7' } })
  })

  it('changes go a second apart, and no more than that by a clock that is set back', async () => {
    const { client, serve } = bench()
    let time = Date.now()
    const waits: number[] = []
    const url = await serve((_, response) => json(response, {}))
    const sleep = async (ms: number) => {
      waits.push(ms)
      time += ms
    }
    const one = client(url, { runtime: { ...createRuntime(), now: () => time, sleep } })
    const change = () => one.send('POST', '/deployments', { ref: 'main' })
    await one.get('/branches')
    expect(waits).toEqual([])
    await Promise.all([change(), change(), change()])
    expect(waits).toEqual([1000, 1000])
    time += 400
    await change()
    time += 1000
    await change()
    time -= 3_600_000
    await change()
    expect(waits.slice(2)).toEqual([600, 1000])
  })

  it('ids are texts, however long, and other numbers are numbers', async () => {
    const { client, serve } = bench()
    const url = await serve((_, response) =>
      json(
        response,
        '{"id":12345678901234567890,"run_id":5,"list":[{"id":1,"size":2}],"n":9007199254740993}',
      ),
    )
    expect((await client(url).get('GET /x')).data).toEqual({
      id: '12345678901234567890',
      run_id: '5',
      list: [{ id: '1', size: 2 }],
      n: '9007199254740993',
    })
  })
})

describe('listings', () => {
  it('are read to the end, once each, and no further than wanted', async () => {
    const { client, serve } = bench()
    const url = await serve((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 1)
      const next = `<http://${request.headers.host}/repos/acme/clinic/actions/runs?per_page=100&page=${page + 1}>; rel="next"`
      // The second page begins with what was the end of the first: a run was added meanwhile.
      const workflow_runs = [{ id: page * 2 }, { id: page * 2 + 2 }]
      json(response, { total_count: 6, workflow_runs }, page < 3 ? { link: next } : {})
    })
    const list = (most?: number) =>
      client(url).list<{ id: string }>('/actions/runs', {
        key: 'workflow_runs',
        ...(most && { most }),
      })
    expect(await list()).toMatchObject({
      items: [{ id: '2' }, { id: '4' }, { id: '6' }, { id: '8' }],
      truncated: false,
    })
    expect(await list(3)).toMatchObject({ items: [{}, {}, {}], truncated: true })
  })

  it('that are long enough cost no page more', async () => {
    const { client, serve } = bench()
    const asked: (string | undefined)[] = []
    const url = await serve((request, response) => {
      asked.push(request.url)
      const isLast = request.url?.includes('per_page=1') === true
      const next = `<http://${request.headers.host}/x?page=2>; rel="next"`
      json(response, isLast ? [{ id: 1 }] : [{ id: 1 }, { id: 2 }], isLast ? {} : { link: next })
    })
    expect(await client(url).list('GET /x', { most: 2 })).toMatchObject({ truncated: true })
    expect(await client(url).list('GET /x', { most: 1 })).toMatchObject({ truncated: false })
    expect(asked).toEqual(['/x?per_page=2', '/x?per_page=1'])
  })

  it('are never continued on another host', async () => {
    const { client, serve } = bench()
    const asked: string[] = []
    const other = await serve((request, response) => {
      asked.push(String(request.headers.authorization))
      json(response, [])
    })
    const url = await serve((_, response) =>
      json(response, [{ id: 1 }], { link: `<${other}/repos/acme/clinic/x?page=2>; rel="next"` }),
    )
    const { code, message } = await failureOf(client(url).list('/x'))
    expect({ code, message }).toMatchObject({
      code: 'pipeline_refused',
      message: expect.stringContaining('the token stays here'),
    })
    expect(asked).toEqual([])
  })

  it('that are none are an error and not empty', async () => {
    const { client, serve } = bench()
    const url = await serve((_, response) => json(response, { message: 'odd' }))
    const { message } = await failureOf(client(url).list('/x', { key: 'runs' }))
    expect(message).toBe("GitHub's answer to GET /repos/acme/clinic/x is no list of runs")
  })
})

describe('the repository', () => {
  it.each([
    ['https://github.com/acme/shop.git', 'acme/shop'],
    ['git@github.com:acme/shop.git', 'acme/shop'],
    ['ssh://git@ssh.github.com:443/acme/shop', 'acme/shop'],
    ['https://token:x@github.com/acme/my.shop/', 'acme/my.shop'],
    ['https://gitlab.com/acme/shop.git', null],
    ['/srv/git/github.com/acme/shop', null],
    ['https://github.com/acme', null],
  ])('is told by the remote %s', async (remote, expected) => {
    const { client, directory } = bench()
    const git = (...args: string[]) => execFileSync('git', ['-C', directory, ...args])
    git('init', '--quiet')
    git('remote', 'add', 'origin', remote)
    const github = client('https://api.github.com', { settings: { ...settings, repository: null } })
    if (expected !== null) {
      const { owner, name } = await github.repository()
      expect(`${owner}/${name}`).toBe(expected)
      return
    }
    const { code, message, hint } = await failureOf(github.repository())
    expect(code).toBe('invalid_configuration')
    expect(`${message} ${hint}`).toMatch(/github\.repository.*GITHUB_REPOSITORY.*remote add origin/)
    expect(message).toContain('the remote origin is not on github.com')
  })

  it('nothing that says so is told as such', async () => {
    const { client } = bench()
    const github = client('https://api.github.com', { settings: { ...settings, repository: null } })
    expect((await failureOf(github.get('/x'))).message).toContain('there is no remote origin')
  })

  it.each([
    ['https://api.github.com', 'github.com', 'https://github.com'],
    ['https://api.acme.ghe.com', 'ghe.com', 'https://acme.ghe.com'],
    ['https://git.acme.test/api/v3', 'ghes', 'https://git.acme.test'],
  ])('%s is %s', (api, host, webUrl) => {
    expect(bench().client(api)).toMatchObject({ host, webUrl })
  })
})

describe('refusals', () => {
  it('of a permission name what is missing and where it is given', async () => {
    const { client } = bench()
    hub.settings.missingPermissions.add('deployments=write')
    const sending = client(hub.apiUrl, { token: hub.token }).send('POST', '/deployments', {
      ref: 'main',
      auto_merge: false,
      required_contexts: [],
    })
    const { code, message, hint, details } = await failureOf(sending)
    expect({ code, details }).toMatchObject({
      code: 'not_permitted',
      details: { status: 403, outcome: 'refused', missing_permission: 'deployments=write' },
    })
    expect(message).toBe(
      'GitHub refuses POST /repos/acme/clinic/deployments (403): the token lacks deployments=write',
    )
    expect(hint).toContain('GITHUB_TOKEN')
    expect(hint).toContain('/settings/tokens')
  })

  it('of a token name where it came from and never the token', async () => {
    const { client } = bench()
    const token = 'github_pat_expired_4711'
    const failure = await failureOf(client(hub.apiUrl, { token }).get('/environments'))
    expect(failure.code).toBe('not_permitted')
    expect(failure.message).toContain('the token from GITHUB_TOKEN (401)')
    expect(JSON.stringify([failure, failure.stack, failure.message])).not.toContain('4711')
  })

  it('without any token are told before anything is asked', async () => {
    const { client } = bench()
    const asked = hub.requests.length
    const failure = await failureOf(
      client(hub.apiUrl, { token: null }).send('POST', '/deployments', {}),
    )
    expect(failure.message).toContain('GITHUB_TOKEN is not set')
    expect(failure.details['outcome']).toBe('refused')
    expect(hub.requests).toHaveLength(asked)
  })

  it('in words of GitHub come on one line without control characters', async () => {
    const { client, serve } = bench()
    const url = await serve((_, response) =>
      json(
        response,
        { message: 'Validation\u001b[31m\nFailed', errors: [{ field: 'ref', code: 'missing' }] },
        {},
        422,
      ),
    )
    const { code, message } = await failureOf(client(url).send('POST', '/x'))
    expect(code).toBe('pipeline_refused')
    expect(message).toBe(
      'GitHub refuses POST /repos/acme/clinic/x (422): Validation Failed; ref missing',
    )
  })

  it('of a change that would go elsewhere: the repository has another name now', async () => {
    const { client, serve } = bench()
    const seen: string[] = []
    const url = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.writeHead(307, { location: '/repositories/1/x' }).end()
    })
    const { code, details } = await failureOf(client(url).send('POST', '/x'))
    expect({ code, details }).toEqual({
      code: 'pipeline_refused',
      details: { status: 307, outcome: 'refused' },
    })
    expect(seen).toEqual(['POST /repos/acme/clinic/x'])
  })

  it('find tells what is not there from what cannot be asked', async () => {
    const { client } = bench()
    const own = client(hub.apiUrl, { token: hub.token })
    expect(await own.find('/git/ref/{ref}', { ref: 'heads/none' })).toBeNull()
    hub.settings.missingPermissions.add('contents=read')
    expect((await failureOf(own.find('/git/ref/{ref}', { ref: 'heads/main' }))).code).toBe(
      'not_permitted',
    )
  })
})

describe('another token', () => {
  it('is used for one act, with answers of its own', async () => {
    const { client } = bench()
    const own = client(hub.apiUrl, { token: hub.token })
    expect(await own.login()).toBe('gonogo-bot')
    expect(await own.as(hub.person('ada')).login()).toBe('ada')
    expect(await own.login()).toBe('gonogo-bot')
  })

  it('is not taken for one of nobody because of a limit', async () => {
    const { client, serve } = bench()
    const url = await serve((_, response) => json(response, {}, { 'retry-after': '600' }, 403))
    await expect(client(url).login()).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('a clock that differs is told by the date of the answer', async () => {
    const { client, serve } = bench()
    const url = await serve((_, response) =>
      json(response, {}, { date: new Date(1_700_000_000_000).toUTCString() }),
    )
    const { date } = await client(url, { runtime: createRuntime() }).get('GET /x')
    expect(date).toBe(1_700_000_000_000)
  })
})
