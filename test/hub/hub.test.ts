import { createSign, generateKeyPairSync } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type Repository } from '../support/repository.ts'
import { createBlobStore } from './blobs.ts'
import { startClock } from './clock.ts'
import { describe as describeGitHub } from './description.ts'
import { secondaryLimit } from './faults.ts'
import type { Hub, HubOptions } from './hub.ts'
import { startHub } from './start.ts'

const base = '/repos/acme/clinic'
let repository: Repository
let first = ''
let second = ''
let hub: Hub

beforeAll(async () => {
  repository = await makeRepository()
  first = await repository.commit({ 'a.txt': 'one\n', 'docs/b.txt': 'b\n' }, 'first')
  await repository.git('tag', '--annotate', '--message=one', 'v1.0.0')
  await repository.git('branch', 'feature/x')
  await repository.git('branch', 'main-2')
  second = await repository.commit({ 'a.txt': 'two\n', 'docs/b.txt': null }, 'second')
})
afterAll(() => repository.remove())

async function begin(options: Partial<HubOptions> = {}): Promise<Hub> {
  return startHub({
    git: `${repository.directory}/.git`,
    clock: { start: Date.UTC(2026, 10, 22, 12), manual: true },
    ...options,
  })
}
beforeEach(async () => {
  hub = await begin()
})
afterEach(() => hub.close())

interface Asked {
  token?: string | null
  headers?: Record<string, string>
  body?: unknown
}

async function ask(path: string, { token = hub.token, headers, body }: Asked = {}) {
  const response = await fetch(hub.apiUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    // Read field by field by the tests, from an answer that was checked against GitHub's description.
    data: text === '' ? null : JSON.parse(text),
  }
}

function entries(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`NAME_${index}`, 'x']))
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

async function statusesMade(): Promise<number> {
  return (await ask(`${base}/commits/${second}/statuses`)).data.length
}

const status = (body: object) => ask(`${base}/statuses/${second}`, { body })

describe('what does not fit the description of GitHub', () => {
  it('is refused and remembered when it is asked', async () => {
    const answer = await status({ state: 'success', contxt: 'lint' })

    expect(answer.status).toBe(422)
    expect(hub.violations).toEqual([
      `POST ${base}/statuses/${second} it must NOT have additional properties`,
    ])
    await ask(`${base}/branches?perpage=3`)
    expect(hub.violations.at(-1)).toContain('unknown parameter perpage')
    await ask(`${base}/actions/secret-plans`)
    expect(hub.violations.at(-1)).toContain('nothing the stand-in knows')
  })

  it('is seen when the stand-in answers it', async () => {
    hub.settings.alerts.dependabot = [{ number: 'one' }]

    const answer = await ask(`${base}/dependabot/alerts`)

    expect(answer.status).toBe(500)
    expect(answer.data.message).toContain('answered 200: /0')
    expect(hub.violations).toHaveLength(1)
  })

  it('differs between the versions of the API and GHES', () => {
    const dispatch = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'
    const params = { owner: 'acme', repo: 'clinic', workflow_id: 'cd.yml' }
    const problems = (edition: Parameters<typeof describeGitHub>[0], body: object) =>
      describeGitHub(edition).checkRequest(dispatch, { params, query: new URLSearchParams(), body })
    const detailed = { ref: 'main', return_run_details: true }

    expect(problems('2022-11-28', detailed)).toEqual([])
    expect(problems('2026-03-10', detailed)).toHaveLength(1)
    expect(problems('ghes-3.19', detailed)).toHaveLength(1)
    expect(problems('2022-11-28', { ref: 'main', inputs: entries(25) })).toEqual([])
    expect(problems('2022-11-28', { ref: 'main', inputs: entries(26) })).toHaveLength(1)
    expect(problems('ghes-3.19', { ref: 'main', inputs: entries(11) })).toHaveLength(1)
    expect(describeGitHub('2022-11-28').checkAnswer(dispatch, 204, undefined)).toEqual([])
    expect(describeGitHub('2026-03-10').checkAnswer(dispatch, 204, undefined)).toHaveLength(1)
  })
})

describe('reading the repository', () => {
  it('finds commits by branch, tag and hash, as git does', async () => {
    for (const [ref, sha] of [
      ['main', second],
      ['feature/x', first],
      ['tags/v1.0.0', first],
      ['v1.0.0', first],
      [second.slice(0, 9), second],
    ] as const) {
      expect((await ask(`${base}/commits/${ref}`)).data.sha).toBe(sha)
    }
    const refs = await ask(`${base}/git/matching-refs/heads/main`)
    expect(refs.data.map(({ ref }: { ref: string }) => ref)).toEqual([
      'refs/heads/main',
      'refs/heads/main-2',
    ])
    expect((await ask(`${base}/git/ref/tags/v1.0.0`)).data.object.type).toBe('tag')
    expect((await ask(`${base}/commits/nowhere`)).status).toBe(422)
    expect(hub.violations).toEqual([])
  })

  it('compares and shows files', async () => {
    const { data } = await ask(`${base}/compare/v1.0.0...main`)
    expect(data).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0, total_commits: 1 })
    expect(
      data.files.map((file: Record<string, unknown>) => [file['filename'], file['status']]),
    ).toEqual([
      ['a.txt', 'modified'],
      ['docs/b.txt', 'removed'],
    ])
    const file = await ask(`${base}/contents/a.txt?ref=v1.0.0`)
    expect(Buffer.from(file.data.content, 'base64').toString()).toBe('one\n')
    const folder = await ask(`${base}/contents/docs?ref=v1.0.0`)
    expect(folder.data[0].path).toBe('docs/b.txt')
    expect((await ask(`${base}/contents/docs`)).status).toBe(404)
    expect(hub.violations).toEqual([])
  })

  it('gives a tree, contents by their hash, and the archive on another origin', async () => {
    const deep = await ask(`${base}/git/trees/${first}?recursive=1`)
    const [a, docs, b] = deep.data.tree
    expect([a, docs, b]).toMatchObject([
      { path: 'a.txt', mode: '100644', type: 'blob', size: 4 },
      { path: 'docs', mode: '040000', type: 'tree' },
      { path: 'docs/b.txt', type: 'blob' },
    ])
    const flat = await ask(`${base}/git/trees/v1.0.0`)
    expect(flat.data).toMatchObject({ sha: deep.data.sha, tree: [{ path: 'a.txt' }, docs] })
    expect((await ask(`${base}/git/trees/${docs.sha}`)).data.tree).toMatchObject([
      { path: 'b.txt' },
    ])
    const { content } = (await ask(`${base}/git/blobs/${a.sha}`)).data
    expect(Buffer.from(content, 'base64').toString()).toBe('one\n')
    for (const path of [`git/blobs/${docs.sha}`, `git/trees/${second.replace(/./, 'z')}`]) {
      expect((await ask(`${base}/${path}`)).status).toBe(404)
    }

    const archive = await fetch(`${hub.apiUrl}${base}/tarball/v1.0.0`, {
      headers: { authorization: `Bearer ${hub.token}` },
      redirect: 'manual',
    })
    const location = archive.headers.get('location') ?? ''
    expect(new URL(location).origin).not.toBe(new URL(hub.apiUrl).origin)
    const packed = Buffer.from(await (await fetch(location)).arrayBuffer())
    expect(gunzipSync(packed).toString('latin1')).toContain(
      `acme-clinic-${first.slice(0, 7)}/a.txt`,
    )
    expect((await ask(`${base}/tarball/nowhere`)).status).toBe(404)
    expect(hub.violations).toEqual([])
  })

  it('tells checks, what must pass, and what protects environments', async () => {
    hub.settings.requiredChecks.set('main', { ruleset: ['test'], classic: ['lint'] })
    hub.settings.checks.set(second, [
      { name: 'test', source: 'check_run', state: 'skipped' },
      { name: 'lint', source: 'status', state: 'failure' },
    ])
    hub.settings.environments.set('production', {
      reviewers: ['ada', 'acme/operators'],
      preventSelfReview: true,
      waitMinutes: 5,
      branches: ['main'],
      variables: ['REGION=eu'],
      secrets: ['DEPLOY_KEY'],
    })

    expect((await ask(`${base}/commits/main/check-runs`)).data.check_runs).toMatchObject([
      { name: 'test', status: 'completed', conclusion: 'skipped' },
    ])
    expect((await ask(`${base}/commits/main/status`)).data.state).toBe('failure')
    // No status is `pending`, whatever the check runs say.
    expect((await ask(`${base}/commits/v1.0.0/status`)).data.state).toBe('pending')
    expect((await ask(`${base}/rules/branches/main`)).data[0].parameters).toMatchObject({
      required_status_checks: [{ context: 'test' }],
    })
    const classic = `${base}/branches/main/protection/required_status_checks`
    expect((await ask(classic)).data.contexts).toEqual(['lint'])
    const production = await ask(`${base}/environments/Production`)
    expect(
      production.data.protection_rules.map((rule: Record<string, unknown>) => rule['type']),
    ).toEqual(['wait_timer', 'required_reviewers', 'branch_policy'])
    const variables = await ask(`${base}/environments/production/variables`)
    expect(variables.data.variables).toMatchObject([{ name: 'REGION', value: 'eu' }])
    hub.settings.organizationVariables = { TEAM: 'clinic' }
    expect((await ask(base)).data.owner.type).toBe('Organization')
    const shared = await ask(`${base}/actions/organization-variables`)
    expect(shared.data.variables).toMatchObject([{ name: 'TEAM', value: 'clinic' }])
    expect(hub.violations).toEqual([])
  })
})

describe('conditional requests and pages', () => {
  it('answers 304 for free as long as nothing changed, to the same token', async () => {
    const { headers } = await ask(`${base}/branches`)
    const known = { 'if-none-match': headers.get('etag') ?? '' }
    const remaining = headers.get('x-ratelimit-remaining')

    const again = await ask(`${base}/branches`, { headers: known })
    const other = await ask(`${base}/branches`, { headers: known, token: hub.person('ada') })
    hub.settings.requiredChecks.set('main', { ruleset: ['test'], classic: [] })
    const changed = await ask(`${base}/branches`, { headers: known })

    expect([again.status, other.status, changed.status]).toEqual([304, 200, 200])
    expect(again.headers.get('x-ratelimit-remaining')).toBe(remaining)
    expect(hub.requests.map(({ counted }) => counted)).toEqual([true, false, true, true])
  })

  it('links pages and never gives more than a hundred at once', async () => {
    hub.settings.variables = entries(120)
    const one = await ask(`${base}/actions/variables?per_page=500`)
    expect(one.data.total_count).toBe(120)
    expect(one.data.variables).toHaveLength(100)
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(one.headers.get('link') ?? '') ?? []
    const two = await ask(next.replace(hub.apiUrl, ''))
    expect(two.data.variables).toHaveLength(20)
    expect(two.headers.get('link')).not.toContain('rel="next"')
  })
})

describe('limits, tokens and permissions', () => {
  it('refuses when nothing is left, until the hour is over', async () => {
    hub.settings.limit = 1
    await ask(`${base}/branches`)
    const refused = await ask(`${base}/branches`)

    expect(refused.status).toBe(403)
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    const reset = Number(refused.headers.get('x-ratelimit-reset')) * 1000
    expect(reset).toBe(hub.clock.now() + 3_600_000)
    await hub.clock.advance(3_600_000)
    expect((await ask(`${base}/branches`)).status).toBe(200)
  })

  it('knows tokens, their end, and what they lack', async () => {
    hub.settings.missingPermissions.add('contents=read')
    const brief = hub.issueToken('ada', hub.clock.now() + 1000)
    const asked = async (more: Asked) => (await ask(`${base}/branches`, more)).status
    const lacking = await ask(`${base}/branches`)

    expect(lacking.status).toBe(403)
    expect(lacking.headers.get('x-accepted-github-permissions')).toBe('contents=read')
    expect(await asked({ token: brief })).toBe(200)
    await hub.clock.advance(1000)
    expect(await asked({ token: brief })).toBe(401)
    // Private: without a token it does not even exist.
    expect(await asked({ token: null })).toBe(404)
    expect(await asked({ headers: { 'x-github-api-version': '2019-01-01' } })).toBe(400)
    const reader = hub.person('eve', 'read')
    const body = { state: 'success' }
    expect((await ask(`${base}/statuses/${second}`, { token: reader, body })).status).toBe(403)
  })

  it('gives an App with its key a token for an hour', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }) as string
    hub.settings.app = { id: '12', installationId: '34', publicKey, login: 'acme-deployer[bot]' }
    const now = hub.clock.now() / 1000
    const head = encoded({ alg: 'RS256', typ: 'JWT' })
    const unsigned = `${head}.${encoded({ iss: '12', iat: now - 30, exp: now + 570 })}`
    const signature = createSign('sha256').update(unsigned).sign(keys.privateKey, 'base64url')
    const jwt = `${unsigned}.${signature}`
    const path = '/app/installations/34/access_tokens'

    const { data } = await ask(path, { token: jwt, body: {} })

    expect((await ask(`${base}/branches`, { token: data.token })).status).toBe(200)
    expect((await ask(`${base}/branches`, { token: jwt })).status).toBe(401)
    expect((await ask(path, { token: `${jwt.slice(0, -4)}AAAA`, body: {} })).status).toBe(401)
    await hub.clock.advance(3_600_000)
    expect((await ask(`${base}/branches`, { token: data.token })).status).toBe(401)
    expect(hub.requests[1]?.login).toBe('acme-deployer[bot]')
  })

  it('is a GHES with its own path, and without limits and later versions', async () => {
    await hub.close()
    hub = await begin({ host: 'ghes' })
    const answer = await ask(`${base}/branches`)

    expect(hub.apiUrl).toMatch(/\/api\/v3$/)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-ratelimit-remaining')).toBeNull()
    const later = { 'x-github-api-version': '2026-03-10' }
    expect((await ask(`${base}/branches`, { headers: later })).status).toBe(400)
    expect(hub.violations).toEqual([])
  })
})

describe('planned faults', () => {
  it('happen to the request they are for, as often as planned', async () => {
    hub.faults.push(
      { path: /\/branches$/, nth: 2, times: 2, kind: { type: 'status', status: 502 } },
      { path: /\/tags$/, kind: secondaryLimit(60) },
    )
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push((await ask(`${base}/branches`)).status)
    const limited = await ask(`${base}/tags`)

    expect(statuses).toEqual([200, 502, 502, 200])
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '60'])
    expect(hub.faults).toEqual([])
  })

  it('reset the connection before or after the effect', async () => {
    const path = /\/statuses\//
    hub.faults.push({ method: 'POST', path, kind: { type: 'reset' } })
    await expect(status({ state: 'success' })).rejects.toThrow()
    expect(await statusesMade()).toBe(0)
    hub.faults.push({ method: 'POST', path, kind: { type: 'lose_answer' } })
    await expect(status({ state: 'success' })).rejects.toThrow()
    expect(await statusesMade()).toBe(1)
    hub.faults.push({ path, kind: { type: 'answer_instead', status: 504 } })
    expect((await status({ state: 'success' })).status).toBe(504)
    expect(await statusesMade()).toBe(2)
  })

  it('cut an answer short', async () => {
    hub.faults.push({ path: /\/branches$/, kind: { type: 'cut', after: 10 } })
    await expect(ask(`${base}/branches`)).rejects.toThrow()
  })
})

describe('the second origin', () => {
  it('serves a signed address for a minute, in ranges, and to nobody with a token', async () => {
    let now = 0
    const store = createBlobStore({ now: () => now, faults: [], record: () => undefined })
    await store.listen()
    const address = store.serve(Buffer.from('0123456789'), { type: 'text/plain' })
    const get = (headers: Record<string, string>, url = address) => fetch(url, { headers })

    const whole = await get({})
    const end = await get({ range: 'bytes=-3' })
    const token = await get({ authorization: 'Bearer x' })
    const forged = await get({}, address.replace(/sig=.*/, 'sig=00'))
    now = 60_001
    const late = await get({})

    expect([whole.headers.get('content-length'), await whole.text()]).toEqual(['10', '0123456789'])
    expect([end.headers.get('content-range'), await end.text()]).toEqual(['bytes 7-9/10', '789'])
    expect([end.status, token.status, forged.status, late.status]).toEqual([206, 400, 403, 403])
    await store.close()
  })
})

describe('the clock', () => {
  it('lets what is due happen in order and waits for work that takes real time', async () => {
    const clock = startClock({ start: 0, manual: true }, () => undefined)
    const seen: string[] = []
    const note = (what: string) => () => void seen.push(`${what} at ${clock.now()}`)
    clock.at(2000, note('second'))
    clock.at(1000, () => {
      void clock.during(new Promise<void>((resolve) => setTimeout(resolve, 5)).then(note('work')))
    })
    clock.at(1500, () => void clock.at(clock.now() + 100, note('follow-up')))
    const cancel = clock.at(1700, note('never'))
    cancel()

    await clock.advance(3000)

    expect(seen).toEqual(['work at 1000', 'follow-up at 1600', 'second at 2000'])
    expect(clock.now()).toBe(3000)
    clock.stop()
  })

  it('dates every answer, so that a skew is seen', async () => {
    const { headers } = await ask(`${base}/branches`)
    expect(Date.parse(headers.get('date') ?? '')).toBe(hub.clock.now())
  })
})
