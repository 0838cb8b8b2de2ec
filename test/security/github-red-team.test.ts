import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalRequest } from '../../src/core/approval.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import {
  commit,
  makeApprovers,
  minutes,
  packed,
  request,
  type Approvers,
} from '../examples/approvals.ts'
import type { Hub } from '../hub/hub.ts'
import { startHub } from '../hub/start.ts'
import { makeRepository, type Repository } from '../support/repository.ts'

// Somebody who has gonogo's token for GitHub does without gonogo. The first job of the reference workflow
// runs for real; what it stands before only counts.

let repository: Repository
let people: Approvers
let hub: Hub
/** Deployments to production so far. */
let deployed = 0
let mallory = ''
/** What the first job of the last run said. */
let verdict = ''

const workflow = readFileSync(join(import.meta.dirname, '../../examples/workflows/cd.yml'), 'utf8')

beforeAll(async () => {
  people = makeApprovers()
  repository = await makeRepository()
  await repository.commit({ '.github/workflows/cd.yml': workflow })
  hub = await startHub({
    git: join(repository.directory, '.git'),
    repository: 'acme/clinic',
    clock: { start: Date.now(), manual: true },
    async scenario(job) {
      if (job.id === 'approval') {
        const outcome = await job.execute()
        verdict = outcome.logs?.['Verify the approval'] ?? ''
        return outcome
      }
      if (job.id === 'deploy' && job.environment === 'production') deployed++
      return { conclusion: 'success' }
    },
  })
  hub.person('ada')
  mallory = hub.person('mallory')
  Object.assign(hub.settings.variables, {
    GONOGO_ALLOWED_SIGNERS: people.line('ada'),
    GONOGO_APPROVER_LOGINS: 'ada',
    GONOGO_PROJECT: 'clinic',
  })
  hub.settings.environments.set('production', {
    reviewers: [],
    preventSelfReview: false,
    waitMinutes: 0,
    branches: ['main'],
    variables: [],
    secrets: ['DEPLOY_TOKEN'],
  })
})

afterAll(async () => {
  await hub?.close()
  await repository?.remove()
  people?.close()
})

let count = 0

/** The stand-in's clock goes on by a minute for each run, the script looks at the real one. */
const next = (change: Partial<ApprovalRequest> = {}) =>
  request({
    id: `apr_${String((count += 1)).padStart(26, '0')}`,
    expires_at: minutes(600),
    ...change,
  })

/** A call of the API; what it is refused is part of the answer. */
async function api(method: string, path: string, body?: unknown, token = hub.token) {
  const response = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body:
      text === ''
        ? {}
        : (JSON.parse(text) as { number?: number; id?: number; workflow_run_id?: number }),
  }
}

/** Starts a run for this request, with other inputs than gonogo would send. */
async function start(of: ApprovalRequest, inputs: Record<string, string>, ref = 'main') {
  const good = {
    action: 'promote',
    environment: 'production',
    version: 'v1.4.0',
    commit,
    deployment_id: of.id.replace('apr', 'dep'),
    approval_id: of.id,
  }
  const answer = await api('POST', '/actions/workflows/cd.yml/dispatches', {
    ref,
    inputs: { ...good, ...inputs },
    return_run_details: true,
  })
  await hub.clock.advance(60_000)
  return answer
}

const codeOf = (of: ApprovalRequest) =>
  createHash('sha256').update(canonicalJson(of)).digest('hex').slice(0, 32)

/** An issue about a request, and what somebody answers there. */
async function said(
  text: (code: string) => string,
  token = hub.token,
  change: Partial<ApprovalRequest> = {},
) {
  const of = next(change)
  const opened = await api('POST', '/issues', { title: `gonogo ${of.id}`, body: 'please' })
  const issue = opened.body.number ?? 0
  const comment = await api('POST', `/issues/${issue}/comments`, { body: text(codeOf(of)) }, token)
  return { of, issue, comment: comment.body.id ?? 0 }
}

const byLogin = (of: ApprovalRequest, issue: number) => ({
  approval: packed({ request: canonicalJson(of), decisions: [], issue }),
})

/** Somebody's answer in an issue, used. */
async function answered(text: (code: string) => string, token?: string): Promise<void> {
  const { of, issue } = await said(text, token)
  await start(of, byLogin(of, issue))
}

const yes = (code: string) => `/approve ${code}`

const ada = () => hub.issueToken('ada')

const attempts: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
  ['a run without an approval', () => start(next(), { approval: '' })],
  [
    'a run to an environment that is nearly production',
    () => start(next(), { approval: '', environment: 'Production' }),
  ],
  [
    'a run to staging with the name of production',
    () => start(next(), { approval: '', environment: 'staging', version: 'production' }),
  ],
  [
    'a signature of one’s own',
    () => {
      const of = next()
      return start(of, { approval: people.approval({ of, by: 'mallory' }) })
    },
  ],
  [
    'a signature of one’s own in the approver’s name',
    () => {
      const of = next()
      return start(of, { approval: people.approval({ of, by: 'mallory', approver: 'ada' }) })
    },
  ],
  [
    'the signature of another request',
    () => {
      const of = next()
      const other = JSON.parse(
        Buffer.from(people.approval({ of: next() }), 'base64').toString(),
      ) as object
      return start(of, { approval: packed({ ...other, request: canonicalJson(of) }) })
    },
  ],
  [
    'an approval of another commit',
    () => {
      const of = next()
      return start(of, { approval: people.approval({ of }), commit: 'd'.repeat(40) })
    },
  ],
  [
    'an approval of staging',
    () => {
      const of = next({ environment: 'staging' })
      return start(of, { approval: people.approval({ of }) })
    },
  ],
  [
    'a signed rejection',
    () => {
      const of = next()
      return start(of, { approval: people.approval({ of, says: { verdict: 'rejected' } }) })
    },
  ],
  [
    'an expired approval',
    () => {
      const of = next({ expires_at: new Date(Date.now() - 60_000).toISOString() })
      return start(of, { approval: people.approval({ of }) })
    },
  ],
  ['a yes by gonogo’s own login', () => answered(yes)],
  ['a yes by a login that nobody listed', () => answered(yes, mallory)],
  ['a yes to another request, by the approver', () => answered(() => yes('0'.repeat(32)), ada())],
  ['a yes without a code, by the approver', () => answered(() => '/approve', ada())],
  ['a yes that is quoted, by the approver', () => answered((code) => `> ${yes(code)}`, ada())],
  ['a no, by the approver', () => answered((code) => `/reject ${code}`, ada())],
  [
    'a comment of the approver, edited into a yes',
    async () => {
      const { of, issue, comment } = await said(() => 'let me look', ada())
      await hub.clock.advance(5000)
      await api('PATCH', `/issues/comments/${comment}`, { body: yes(codeOf(of)) })
      await start(of, byLogin(of, issue))
    },
  ],
  [
    'a yes in the issue of another request',
    async () => {
      const { issue } = await said(yes, ada())
      const of = next()
      await start(of, byLogin(of, issue))
    },
  ],
  [
    'a request in which the yes stands',
    async () => {
      const of = next()
      const { body } = await api('POST', '/issues', { title: 'x', body: yes(codeOf(of)) })
      await start(of, byLogin(of, body.number ?? 0))
    },
  ],
  [
    'an issue that is not there',
    () => {
      const of = next()
      return start(of, byLogin(of, 4711))
    },
  ],
  [
    'a list of approvers of one’s own',
    async () => {
      await api('PATCH', '/actions/variables/GONOGO_ALLOWED_SIGNERS', {
        name: 'GONOGO_ALLOWED_SIGNERS',
        value: people.line('mallory'),
      })
      const of = next()
      await start(of, { approval: people.approval({ of, by: 'mallory' }) })
    },
  ],
  [
    'a login of one’s own among the approvers',
    async () => {
      await api('PATCH', '/actions/variables/GONOGO_APPROVER_LOGINS', {
        name: 'GONOGO_APPROVER_LOGINS',
        value: 'mallory',
      })
      await answered(yes, mallory)
    },
  ],
  [
    'a workflow of one’s own on a branch',
    async () => {
      await repository.git('checkout', '--quiet', '-b', 'own')
      const first = workflow.replaceAll(/needs: \[?approval[^\n]*/g, '')
      await repository.commit({ '.github/workflows/cd.yml': first })
      await repository.git('checkout', '--quiet', 'main')
      await start(next(), { approval: '' }, 'own')
    },
  ],
  [
    'a refused run, started again',
    async () => {
      const { body } = await start(next(), { approval: '' })
      await api('POST', `/actions/runs/${body.workflow_run_id}/rerun`, {})
      await hub.clock.advance(60_000)
      await api('POST', `/actions/runs/${body.workflow_run_id}/rerun-failed-jobs`, {})
      await hub.clock.advance(60_000)
    },
  ],
]

describe('with gonogo’s token on GitHub, nothing reaches production', () => {
  it.each(attempts.map(([name, run]) => ({ name, run })))('$name', async ({ run }) => {
    await run()
    expect(deployed).toBe(0)
  })
})

describe('with the word of the approver', () => {
  it('a signature deploys once, and its replay does not', async () => {
    const before = deployed
    const of = next()
    const approval = people.approval({ of })
    await start(of, { approval })
    expect(deployed, verdict).toBe(before + 1)
    await start(of, { approval })
    await start(of, { approval, deployment_id: 'dep_another' })
    expect(deployed).toBe(before + 1)
  })

  it('a login deploys once, and its replay does not', async () => {
    const before = deployed
    const { of, issue } = await said(yes, ada())
    await start(of, byLogin(of, issue))
    expect(deployed, verdict).toBe(before + 1)
    await start(of, byLogin(of, issue))
    expect(deployed).toBe(before + 1)
  })
})
