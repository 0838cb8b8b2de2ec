import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalRequest } from '../../src/core/approval.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import { trustNamespace } from '../../src/core/policy-trust.ts'
import type { Hub } from '../hub/hub.ts'
import { startHub } from '../hub/start.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import {
  commit,
  makeApprovers,
  minutes,
  packed,
  request,
  statementOf,
  type Approvers,
} from './approvals.ts'

// The reference workflow in the stand-in: its first job runs for real, the others only when it lets them.

/** A version whose deployment fails. */
const broken = 'v6.6.6'

let repository: Repository
let people: Approvers
let hub: Hub
const logs = new Map<string, string>()

beforeAll(async () => {
  people = makeApprovers()
  repository = await makeRepository()
  const file = join(import.meta.dirname, '../../examples/workflows/cd.yml')
  await repository.commit({ '.github/workflows/cd.yml': readFileSync(file, 'utf8') })
  hub = await startHub({
    git: join(repository.directory, '.git'),
    repository: 'acme/clinic',
    // The script looks at the real clock.
    clock: { start: Date.now(), manual: true },
    async scenario(job) {
      if (job.id !== 'approval') {
        const isBroken = job.id === 'deploy' && job.run.inputs['version'] === broken
        return { conclusion: isBroken ? 'failure' : 'success' }
      }
      const outcome = await job.execute()
      logs.set(job.run.id, outcome.logs?.['Verify the approval'] ?? '')
      return outcome
    },
  })
})

afterAll(async () => {
  await hub?.close()
  await repository?.remove()
  people?.close()
})

/** What somebody sends, and with which keys in the repository's variable. */
interface Sent {
  inputs: Record<string, string>
  signers: string
}

let count = 0

/** The request that the next dispatch is about. */
const current = () => request({ id: `apr_${String(count + 1).padStart(26, '0')}` })

/** A good dispatch of its own, with something changed. */
function sent(
  change: Partial<ApprovalRequest> = {},
  inputs: Record<string, string> = {},
  signers = `${people.line('bob')}\n${people.line('ada')}`,
): Sent {
  const of = request({ id: `apr_${String((count += 1)).padStart(26, '0')}`, ...change })
  const good = {
    action: 'promote',
    environment: 'production',
    version: 'v1.4.0',
    commit,
    deployment_id: `dep_${String(count).padStart(26, '0')}`,
    approval_id: of.id,
    approval: inputs['approval'] ?? people.approval({ of }),
  }
  return { inputs: { ...good, ...inputs }, signers }
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.token}`, 'x-github-api-version': '2022-11-28' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.status, text).toBeLessThan(300)
  return JSON.parse(text) as T
}

/** Starts the workflow as anybody may who has the right to, and waits for its end. */
async function dispatch({ inputs, signers }: Sent): Promise<string> {
  hub.settings.variables['GONOGO_ALLOWED_SIGNERS'] = signers
  const { workflow_run_id } = await ask<{ workflow_run_id: number }>(
    'POST',
    '/actions/workflows/cd.yml/dispatches',
    { ref: 'main', inputs, return_run_details: true },
  )
  await hub.clock.advance(60_000)
  return String(workflow_run_id)
}

async function jobsOf(run: string): Promise<Record<string, string>> {
  const { jobs } = await ask<{ jobs: { name: string; conclusion: string }[] }>(
    'GET',
    `/actions/runs/${run}/jobs`,
  )
  return Object.fromEntries(jobs.map(({ name, conclusion }) => [name, conclusion]))
}

const passed = { approval: 'success', test: 'success', build: 'success', deploy: 'success' }
const refused = { approval: 'failure', test: 'skipped', build: 'skipped', deploy: 'skipped' }

async function expectRefused(run: string, reason: RegExp): Promise<void> {
  expect(await jobsOf(run)).toEqual(refused)
  const said = logs.get(run)!.split('\n##[endgroup]\n')[1]!
  expect(said).toMatch(reason)
  // One line of the script, whatever the inputs hold.
  expect(said.match(/^(?:::|##\[error\]Refused).*/gm)?.length ?? 0).toBeLessThan(2)
}

/** Something that Ada signed, beside the text of this request. */
function beside(of: ApprovalRequest, signed: string, statement = signed): string {
  const decision = { statement, signature: people.sign(signed, 'ada'), approver: 'ada' }
  return packed({ request: canonicalJson(of), decisions: [decision] })
}

/** The statement was changed after it was signed. */
function rewritten(of: ApprovalRequest): string {
  const no = canonicalJson(statementOf(of, { verdict: 'rejected' }))
  return beside(of, no, no.replace('rejected', 'approved'))
}

const yesTo = (of: ApprovalRequest) => canonicalJson(statementOf(of))
const unsigned = () =>
  packed({ request: canonicalJson(current()), decisions: [{ statement: '{}', approver: 'ada' }] })

describe('the reference workflow', () => {
  it('deploys what was approved, and to staging without an approval', async () => {
    expect(await jobsOf(await dispatch(sent()))).toEqual(passed)
    const staging = { environment: 'staging', approval: '', approval_id: '', skip_tests: 'true' }
    const run = await dispatch(sent({}, staging))
    expect(await jobsOf(run)).toEqual({ ...passed, test: 'skipped' })
    const back = await dispatch(sent({ action: 'rollback' }, { action: 'rollback' }))
    expect(await jobsOf(back)).toEqual({ ...passed, test: 'skipped' })
  })

  const forged: [what: string, reason: RegExp, make: () => Sent][] = [
    ['no approval', /there is no approval/, () => sent({}, { approval: '' })],
    ['no base64', /is not base64/, () => sent({}, { approval: '{"request":"x"}' })],
    ['half of one', /is not JSON/, () => sent({}, { approval: people.approval().slice(0, 200) })],
    ['no signature', /has no signature/, () => sent({}, { approval: unsigned() })],
    [
      "a stranger's key in an approver's name",
      /no approver's/,
      () => sent({}, { approval: people.approval({ of: current(), by: 'eve', approver: 'ada' }) }),
    ],
    [
      "one approver's key in another's name",
      /"bob" did not sign this/,
      () => sent({}, { approval: people.approval({ of: current(), approver: 'bob' }) }),
    ],
    [
      'a signature for something else',
      /namespace does not match/,
      () => sent({}, { approval: people.approval({ of: current(), namespace: trustNamespace }) }),
    ],
    [
      'a key for something else',
      /does not hold|no approver's/,
      () => sent({}, {}, people.line('ada', 'namespaces="git" ')),
    ],
    [
      'a yes to another request',
      /what "ada" signed is another request/,
      () => sent({}, { approval: beside(current(), yesTo(request({ id: 'apr_other' }))) }),
    ],
    [
      'a no that was made a yes',
      /incorrect signature/,
      () => sent({}, { approval: rewritten(current()) }),
    ],
    [
      'a signed no',
      /signed was verdict "rejected"/,
      () =>
        sent({}, { approval: people.approval({ of: current(), says: { verdict: 'rejected' } }) }),
    ],
    [
      'the bare request signed, as it was before',
      /signed was format "gonogo-approval-v2"/,
      () => sent({}, { approval: beside(current(), canonicalJson(current())) }),
    ],
    [
      'nobody at all',
      /nobody approved it/,
      () => sent({}, { approval: packed({ request: canonicalJson(current()), decisions: [] }) }),
    ],
    [
      'another environment',
      /approved was environment "staging", and this is "production"/,
      () => sent({ environment: 'staging' }),
    ],
    ['another commit', /approved was commit/, () => sent({}, { commit: 'd'.repeat(40) })],
    ['another version', /approved was version "v1.4.0"/, () => sent({}, { version: 'v1.3.0' })],
    [
      'a version that would fill the title',
      /too long/,
      () => sent({}, { version: 'v'.repeat(201) }),
    ],
    ['another action', /approved was action "promote"/, () => sent({}, { action: 'rollback' })],
    ['another project', /approved was project "shop"/, () => sent({ project: 'shop' })],
    [
      'another format',
      /approved was format/,
      () => sent({ format: 'gonogo-approval-v1' as never }),
    ],
    ['the id of another one', /approved was id/, () => sent({}, { approval_id: 'apr_other' })],
    ['an expired one', /expired at "20/, () => sent({ expires_at: minutes(-1) })],
    ['one that lives too long', /too far ahead/, () => sent({ expires_at: minutes(11_000) })],
    ['no list of approvers', /GONOGO_ALLOWED_SIGNERS is empty/, () => sent({}, {}, ' \n')],
    ['a branch for a commit', /no full hash/, () => sent({}, { commit: 'main' })],
    [
      'an id that would fill the title',
      /no proper id/,
      () => sent({}, { deployment_id: 'd'.repeat(5000) }),
    ],
    [
      'an input that talks to the runner',
      /approved was version/,
      () => sent({}, { version: 'v1\n::add-mask::x\n::error::y' }),
    ],
  ]

  it.each(forged)('refuses a dispatch with %s', async (_, reason, make) => {
    await expectRefused(await dispatch(make()), reason)
  })

  it('refuses a replay and a second attempt, and no approval is spoilt by a forgery', async () => {
    const good = sent()
    const forgery = { ...good, inputs: { ...good.inputs, version: 'v9', approval: '' } }
    await expectRefused(await dispatch(forgery), /no approval/)
    const run = await dispatch(good)
    expect(await jobsOf(run)).toEqual(passed)
    const replay = `run ${run} was started with this approval or deployment`
    await expectRefused(await dispatch(good), new RegExp(replay))
    const other = { ...good.inputs, deployment_id: 'dep_another_one' }
    await expectRefused(await dispatch({ ...good, inputs: other }), new RegExp(replay))
    await hub.actions.rerun(run, 'mallory')
    await hub.clock.advance(60_000)
    await expectRefused(run, /second attempt/)
  })

  it('runs no job again that failed: its approval was for once', async () => {
    const run = await dispatch(sent({ version: broken }, { version: broken }))
    expect(await jobsOf(run)).toEqual({ ...passed, deploy: 'failure' })
    await ask('POST', `/actions/runs/${run}/rerun-failed-jobs`, {})
    await hub.clock.advance(60_000)
    // What succeeded is not run again, the approval neither.
    expect(await jobsOf(run)).toEqual({ ...passed, deploy: 'skipped' })
  })

  it('has the same to say to GitHub as GitHub describes', () => {
    expect(hub.violations).toEqual([])
  })
})
