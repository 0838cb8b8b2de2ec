import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatformApprovals } from '../../../../src/adapters/github/approvals/platform-approvals.ts'
import { threadsOf } from '../../../../src/adapters/github/approvals/threads.ts'
import type { ApprovalRequest } from '../../../../src/core/approval.ts'
import type { PlatformApprovals } from '../../../../src/ports/platform-approvals.ts'
import { openBench, type Bench } from '../bench.ts'
import { api, codeIn, say } from './said.ts'

let bench: Bench
let ada: string
beforeAll(async () => {
  bench = await openBench()
  ada = bench.hub.person('ada')
})
afterAll(() => bench[Symbol.asyncDispose]())

/** gonogo on some machine. */
function machine(stateDirectory = bench.state): PlatformApprovals {
  const parts = bench.parts({ stateDirectory })
  return createPlatformApprovals({ ...parts, verifiesConsent })
}

const verifiesConsent = async () => ({ verified: false, problem: 'not asked here' })

let count = 0
function request(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    format: 'gonogo-approval-v2',
    id: `apr_${(count += 1)}`,
    action: 'promote',
    kind: 'standard',
    project: 'clinic',
    environment: 'production',
    version: 'v1.4.0',
    commit: bench.sha,
    digests: [],
    plan_hash: 'f'.repeat(64),
    requester: 'agent:claude',
    operator: 'tester',
    overrides: [],
    reason: null,
    nonce: 'n',
    expires_at: new Date(bench.hub.clock.now() + 30 * 60_000).toISOString(),
    ...change,
  }
}

const plan = { lines: ['! waived: tests', 'will run: v1.4.0'], logins: ['ada', 'bob'] }

/** A request that is asked, and the number of its issue. */
async function asked(change: Partial<ApprovalRequest> = {}) {
  const of = request(change)
  const { url } = await machine().open(of, plan)
  const issue = Number(url.split('/').at(-1))
  return { of, issue, code: await codeIn(bench.hub, issue) }
}

const issuesNow = () =>
  api<{ title: string; body: string; state: string; comments: number }[]>(
    bench.hub,
    bench.hub.token,
    'GET',
    '/issues?state=all&per_page=100',
  )

describe('the issue of a request', () => {
  it('is opened once, whoever asks again, and found after a crash and from another machine', async () => {
    const of = request()
    const before = (await issuesNow()).length
    const { url } = await machine().open(of, plan)
    expect(await machine().open(of, plan)).toEqual({ url })
    // Nobody could write down that it was opened.
    await rm(join(bench.state, 'github/approvals', `${of.id}.done`))
    expect(await machine().open(of, plan)).toEqual({ url })
    expect(await issuesNow()).toHaveLength(before + 1)
    await say(bench.hub, ada, before + 1, `/approve ${await codeIn(bench.hub, before + 1)}`)
    const elsewhere = machine(join(bench.state, 'elsewhere'))
    expect(await elsewhere.decisions(of)).toMatchObject([{ login: 'ada', problem: null }])
  })

  it('is the one that was there first, whoever makes another like it', async () => {
    const { of, issue } = await asked()
    const first = (await issuesNow()).find(({ title }) => title.endsWith(`(${of.id})`))!
    const { title, body } = first
    await bench.hub.clock.advance(60_000)
    await api(bench.hub, bench.hub.person('eve'), 'POST', '/issues', { title, body })
    const elsewhere = bench.parts({ stateDirectory: join(bench.state, 'third') })
    const [thread, ...others] = await threadsOf(elsewhere, of)
    expect(thread?.number).toBe(issue)
    expect(others).toHaveLength(1)
  })

  it('shows the plan as text that nobody can break out of, and asks those who may approve', async () => {
    const lines = ['```', '</details> @everyone', 'a\u001b[31mb']
    const of = request({ requester: 'agent:x\n/approve 1', version: '`v1`' })
    await machine().open(of, { ...plan, lines })
    const { title, body } = (await issuesNow())[0]!
    expect(title).toBe(`promote \`v1\` to production (${of.id})`)
    expect(body).toContain('@ada @bob: answer in a comment')
    // The fence is longer than what is inside it.
    expect(body).toMatch(/````text\n```\n<\/details> @everyone\na.*b\n````$/)
    expect(body).not.toContain('\u001b')
    expect(body.match(/^\/approve/gm)).toHaveLength(1)
  })

  it('is closed with the outcome, once', async () => {
    const { of, issue } = await asked()
    await machine().close(of, 'used by dep_1')
    await machine().close(of, 'used by dep_1')
    const now = (await issuesNow()).find(({ title }) => title.includes(`(${of.id})`))
    expect(now).toMatchObject({ state: 'closed', comments: 1 })
    const path = `/issues/${issue}/comments`
    const said = await api<{ body: string }[]>(bench.hub, ada, 'GET', path)
    expect(said[0]!.body).toBe('gonogo: used by dep_1')
  })
})

describe('an answer', () => {
  it('is the comment that names the code, with what was said besides', async () => {
    const { of, issue, code } = await asked()
    await say(bench.hub, ada, issue, 'looks good to me')
    await say(bench.hub, ada, issue, `> /approve ${code}`)
    const yes = await say(bench.hub, ada, issue, `/approve ${code} after \u202ethe review\nthanks`)
    const no = await say(bench.hub, bench.hub.person('bob'), issue, `/reject ${code}`)
    const url = `${bench.hub.apiUrl}/acme/clinic/issues/${issue}#issuecomment-`
    expect(await machine().decisions(of)).toMatchObject([
      {
        login: 'ada',
        verdict: 'approved',
        reason: 'after the review',
        url: url + yes,
        problem: null,
      },
      { login: 'bob', verdict: 'rejected', reason: null, url: url + no, problem: null },
    ])
    // Taken back before it was used.
    await api(bench.hub, ada, 'DELETE', `/issues/comments/${yes}`)
    expect(await machine().decisions(of)).toMatchObject([{ login: 'bob' }])
  })

  type Asked = Awaited<ReturnType<typeof asked>>
  const worthless: [what: string, problem: RegExp, answer: (one: Asked) => Promise<unknown>][] = [
    [
      "with another request's code",
      /code is of another request/,
      async ({ issue }) => say(bench.hub, ada, issue, `/approve ${(await asked()).code}`),
    ],
    [
      'by the login gonogo acts as',
      /login gonogo acts as/,
      ({ issue, code }) => say(bench.hub, bench.hub.token, issue, `/approve ${code}`),
    ],
    [
      'by a program',
      /written by a program/,
      ({ issue, code }) =>
        say(bench.hub, bench.hub.person('helper[bot]'), issue, `/approve ${code}`),
    ],
    [
      "by an App with a person's token",
      /written by an App for its user/,
      async ({ issue, code }) => {
        bench.hub.settings.writesFor.set('carl', 'assistant')
        await say(bench.hub, bench.hub.person('carl'), issue, `/approve ${code}`)
      },
    ],
    [
      'that was something else before',
      /edited/,
      async ({ issue, code }) => {
        const id = await say(bench.hub, ada, issue, 'hello')
        await bench.hub.clock.advance(2000)
        const body = `/approve ${code}`
        await api(bench.hub, bench.hub.token, 'PATCH', `/issues/comments/${id}`, { body })
      },
    ],
    [
      'after the request had expired',
      /expired/,
      async ({ issue, code }) => {
        await bench.hub.clock.advance(31 * 60_000)
        await say(bench.hub, ada, issue, `/approve ${code}`)
      },
    ],
    [
      'to an issue that says something else by now',
      /does not say any more/,
      async ({ issue, code, of }) => {
        await say(bench.hub, ada, issue, `/approve ${code}`)
        const body = `nothing to see\n/approve ${code}`
        const title = `harmless (${of.id})`
        await api(bench.hub, bench.hub.token, 'PATCH', `/issues/${issue}`, { body, title })
      },
    ],
  ]

  it.each(worthless)('is worth nothing %s', async (_, problem, answer) => {
    const one = await asked()
    await answer(one)
    const [only, ...more] = await machine().decisions(one.of)
    expect(more).toEqual([])
    expect(only?.problem).toMatch(problem)
  })

  it('that says no says it still when it was corrected, or the issue was changed', async () => {
    const { of, issue, code } = await asked()
    const id = await say(bench.hub, ada, issue, `/reject ${code} too erly`)
    await bench.hub.clock.advance(2000)
    const body = `/reject ${code} too early`
    await api(bench.hub, ada, 'PATCH', `/issues/comments/${id}`, { body })
    await api(bench.hub, bench.hub.token, 'PATCH', `/issues/${issue}`, { body: 'nothing to see' })
    expect(await machine().decisions(of)).toMatchObject([
      { login: 'ada', verdict: 'rejected', reason: 'too early', problem: null },
    ])
  })

  it('cannot be read where the token may not', async () => {
    const { of } = await asked()
    bench.hub.settings.missingPermissions.add('issues=read')
    await expect(machine().decisions(of)).rejects.toMatchObject({ code: 'not_permitted' })
    bench.hub.settings.missingPermissions.clear()
  })
})

it('asks GitHub as GitHub describes', () => {
  expect(bench.hub.violations).toEqual([])
})
