import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createApprovers } from '../../src/adapters/ssh/approvers.ts'
import { createSigner } from '../../src/adapters/ssh/signer.ts'
import type { ApproverRule, Project } from '../../src/core/project.ts'
import { listApprovals, showApproval } from '../../src/desk/approval-history.ts'
import { approveRequest } from '../../src/desk/approve.ts'
import { keyLabel } from '../../src/desk/decide.ts'
import { importDecision } from '../../src/desk/import-decision.ts'
import {
  exportRequest,
  reviewPortable,
  signPortable,
  type PortableRequest,
} from '../../src/desk/portable.ts'
import { rejectRequest } from '../../src/desk/reject.ts'
import { reviewRequest } from '../../src/desk/review-request.ts'
import { revokeApproval } from '../../src/desk/revoke.ts'
import type { Call } from '../../src/ports/context.ts'
import type { PlatformApprovals, PlatformDecision } from '../../src/ports/platform-approvals.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { approve, promote, stage, tamperDecisions } from '../tools/support/journey.ts'

function guarded(rule: Partial<ApproverRule>, changes: Partial<Project['approvals']> = {}) {
  const production = fakeEnvironment('production', { approvers: approverRule(rule) })
  const approvals = { ...fakeProject().approvals, ...changes }
  return fakeProject({ environments: [fakeEnvironment('staging'), production], approvals })
}

async function waiting(rule: Partial<ApproverRule> = {}, change: Partial<Call> = {}) {
  const world = makeWorld({ project: guarded(rule), ...change })
  await stage(world, 'v1')
  const { approval, next } = await promote(world.call, 'v1')
  const use = (approval_token: string) => promote(world.call, 'v1', { approval_token })
  return { world, id: approval.id, next, use, desk: world.as({ kind: 'human', name: 'ada' }) }
}

async function stored({ call }: World, id: string) {
  return (await call.store.read((tables) => tables.approvals.get(id)))!
}

describe('named people', () => {
  it('are the only ones whose word counts', async () => {
    const { world, id } = await waiting({ people: ['bob'] })
    await expect(approve(world, id, 'ada')).rejects.toMatchObject({
      code: 'not_permitted',
      message: 'ada is not among those who approve here',
      hint: 'look at environments.production.approvers.people in gonogo.yaml',
    })
    expect(await approve(world, id, 'bob')).toMatchObject({ state: 'approved' })
  })

  it('approve once, whatever they sign with', async () => {
    const people = { ada: { signers: ['ada', 'bob'], github: [], users: [] } }
    const { world, id } = await waiting(
      { count: 2 },
      { project: guarded({ count: 2 }, { people }) },
    )
    expect(await approve(world, id, 'ada')).toMatchObject({
      state: 'open',
      next: `1 more person has to run gonogo approve ${id}`,
    })
    await expect(approve(world, id, 'bob')).rejects.toThrow(`ada approved ${id} already`)
    // Whoever asked is told how many are still missing.
    const again = await promote(world.call, 'v1')
    expect(again.next).toMatch(
      new RegExp(`^ask one more person to run "gonogo approve ${id}", then`),
    )
    expect((await waiting({ count: 3 })).next).toMatch(/^ask 3 people to run "gonogo approve apr_/)
  })

  it('say why where that is wanted', async () => {
    const { desk, id } = await waiting({ reason: 'required' })
    const review = await reviewRequest(desk, id)
    expect(review.lines.at(-1)).toMatchObject({
      label: 'wants',
      text: expect.stringContaining('with a reason'),
    })
    await expect(approveRequest(desk, review, 'ada', { reason: ' ' })).rejects.toMatchObject({
      code: 'invalid_input',
      hint: 'give it with --reason TEXT',
    })
    await approveRequest(desk, review, 'ada', { reason: 'seen in staging' })
    expect((await showApproval(desk, id)).decisions).toMatchObject([{ reason: 'seen in staging' }])
  })
})

describe('a one-time code', () => {
  it('alone uses its approval, is kept by its hash, and fits no other request', async () => {
    const { world, id, use, desk } = await waiting()
    const { code } = await approveRequest(desk, await reviewRequest(desk, id), 'ada', {
      code: true,
    })
    expect(code).toMatch(/^code_[0-9a-f]{48}$/)
    expect(JSON.stringify(await stored(world, id))).not.toContain(code)
    expect(JSON.stringify(await desk.audit.tail(50))).not.toContain(code)
    await expect(use(id)).rejects.toThrow('ada approved it for the one-time code alone')
    await expect(use(`${code}0`)).rejects.toMatchObject({
      message: 'Invalid approval token for production deployment',
    })
    const other = promote(world.call, 'v1', { approval_token: code, skip_smoke_tests: true })
    await expect(other).rejects.toThrow('the plan changed since')
    const mallory = world.as({ kind: 'agent', name: 'mallory' })
    await expect(promote(mallory, 'v1', { approval_token: code })).rejects.toThrow('belongs to')
    const started = await use(code!)
    expect(started).toMatchObject({ status: 'queued', approved: { by: 'ada' } })
    // The same call again is the same deployment.
    expect(await use(code!)).toMatchObject({ deployment_id: started.deployment_id })
    expect(JSON.stringify(await desk.audit.tail(50))).not.toContain(code)
  })

  it('is minted once for a request', async () => {
    const { world, desk, id } = await waiting({ count: 2 })
    const mint = async (key: string) =>
      approveRequest(desk, await reviewRequest(desk, id), key, { code: true })
    await mint('ada')
    await expect(mint('bob')).rejects.toThrow('has a one-time code already')
    expect(await approve(world, id, 'bob')).toMatchObject({
      next: 'the requester calls again with approval_token the one-time code',
    })
  })
})

describe('taking back', () => {
  it('is for who approved, and ends it', async () => {
    const { world, id, use, desk } = await waiting()
    await approve(world, id, 'ada')
    await expect(revokeApproval(desk, id, null, 'bob')).rejects.toMatchObject({
      code: 'not_permitted',
      message: `bob did not approve ${id}, and only who approved takes it back`,
      hint: `name the key that approved it with --key; gonogo approval show ${id} says whose that is`,
    })
    await expect(reviewRequest(desk, id)).rejects.toMatchObject({
      message: `${id} is approved: it can no longer be decided`,
      hint: expect.stringContaining(`gonogo approval revoke ${id}`),
    })
    expect(await revokeApproval(desk, id, 'wrong release', 'ada')).toMatchObject({ by: 'ada' })
    expect((await desk.audit.tail(2)).map(({ operation, phase }) => [operation, phase])).toEqual([
      ['revoke', 'intent'],
      ['revoke', 'result'],
    ])
    await expect(use(id)).rejects.toThrow(`${id} was revoked by ada`)
    const { decisions } = await showApproval(desk, id)
    expect(decisions.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['approved', null],
      ['revoked', 'wrong release'],
    ])
    // A new request can be made.
    expect((await promote(world.call, 'v1')).approval.id).not.toBe(id)
  })

  it('is too late once it was used', async () => {
    const { world, id, use, desk } = await waiting()
    await approve(world, id, 'ada')
    const { deployment_id } = await use(id)
    await expect(revokeApproval(desk, id, null, 'ada')).rejects.toMatchObject({
      message: `${id} is consumed: it can no longer be revoked`,
      hint: `look with gonogo status ${deployment_id}`,
    })
  })
})

describe('turning down', () => {
  it('is signed where an approver has a key at hand, and told as unsigned elsewhere', async () => {
    const first = await waiting()
    const key = { file: 'bob', wanted: false }
    expect(await rejectRequest(first.desk, first.id, 'no', key)).toMatchObject({
      by: 'bob',
      signed: true,
    })
    const [rejection] = (await stored(first.world, first.id)).decisions
    expect(rejection).toMatchObject({ method: 'ssh_signature', verdict: 'rejected' })
    const second = await waiting()
    const nobody = { file: 'mallory', wanted: false }
    expect(await rejectRequest(second.desk, second.id, 'no', nobody)).toMatchObject({
      by: 'ada',
      signed: false,
    })
  })

  it('with a key that is no approver’s says so when that key was asked for', async () => {
    const { world, desk, id } = await waiting()
    const attempt = rejectRequest(desk, id, null, { file: 'mallory', wanted: true })
    await expect(attempt).rejects.toThrow('belongs to no approver')
    expect((await stored(world, id)).state).toBe('open')
  })
})

it('shows every request there was, and verifies each decision anew', async () => {
  const { world, id, desk } = await waiting({ count: 2 })
  await approve(world, id, 'ada')
  await approve(world, id, 'bob')
  tamperDecisions(world, id, { signature: 'bob signed 00' })
  const { decisions, standing } = await showApproval(desk, id)
  expect(standing).toBe('approved')
  expect(decisions.map(({ problem }) => problem)).toEqual([
    'incorrect signature',
    'incorrect signature',
  ])
  expect((await listApprovals(desk, false)).map((approval) => approval.id)).toEqual([id])
  world.pass(31 * 60_000)
  expect(await listApprovals(desk, false)).toEqual([])
  expect(await listApprovals(desk, true)).toHaveLength(1)
  expect((await showApproval(desk, id)).standing).toBe('expired')
})

function platformWith(said: PlatformDecision[], verified = true) {
  const closed: string[] = []
  const opened: string[] = []
  const platform: PlatformApprovals = {
    open: async ({ id }, { lines, logins }) => {
      opened.push(`${id} ${logins.join(',')} ${lines[0]}`)
      return { url: 'https://hub.test/issues/1' }
    },
    decisions: async () => said,
    close: async (_, outcome) => void closed.push(outcome),
    login: async () => 'gonogo-bot',
    verifiesConsent: async () => ({ verified, problem: null }),
  }
  return { platform, closed, opened }
}
const word = (login: string, change: Partial<PlatformDecision> = {}): PlatformDecision => ({
  login,
  verdict: 'approved',
  reason: null,
  url: `https://hub.test/issues/1#${login}`,
  at: Date.parse('2030-01-01T00:00:00Z'),
  problem: null,
  ...change,
})

describe('a login of the platform', () => {
  const people = { ada: { signers: ['ada'], github: ['ada-hub'], users: [] } }
  const project = (rule: Partial<ApproverRule> = {}) => guarded(rule, { people, github: 'issues' })

  async function onPlatform(verified = true, rule: Partial<ApproverRule> = {}) {
    const said: PlatformDecision[] = []
    const hub = platformWith(said, verified)
    const change = { project: project(rule), platformApprovals: hub.platform }
    return { ...(await waiting(rule, change)), said, ...hub }
  }

  it('consents at L2 where the pipeline verifies it, and is read again when it is used', async () => {
    const { world, id, use, said, opened, closed } = await onPlatform()
    expect(opened[0]).toBe(`${id} ada-hub Promote clinic in production`)
    expect((await use(id)).approval).toMatchObject({ url: 'https://hub.test/issues/1' })
    said.push(word('Ada-Hub'))
    const started = await use(id)
    expect(started).toMatchObject({
      status: 'queued',
      approved: { by: 'ada', method: 'github_login', level: 'L2' },
    })
    expect((await stored(world, id)).decisions).toMatchObject([
      { method: 'github_login', person: 'ada', identity: 'Ada-Hub', level: 'L2', signature: null },
    ])
    expect(closed).toEqual([`used by ${started.deployment_id}`])
  })

  it('is worth what gonogo itself can say where nothing else verifies it', async () => {
    const { use, id, said, world } = await onPlatform(false)
    said.push(word('ada-hub'))
    world.approvers.protected = false
    expect(await use(id)).toMatchObject({ approved: { level: 'L0' } })
  })

  it.each<[string, PlatformDecision, string | null]>([
    ['that nobody listed', word('stranger'), 'stranger is not among those who approve here'],
    ['that gonogo acts as', word('GONOGO-BOT'), 'GONOGO-BOT is the login gonogo itself acts as'],
    [
      'whose comment was edited',
      word('ada-hub', { problem: 'it was edited' }),
      'ada-hub: it was edited',
    ],
  ])('%s does not consent', async (_, one, problem) => {
    const { use, id, said, world } = await onPlatform()
    said.push(one)
    const answer = await use(id)
    expect(answer).toMatchObject({ status: 'waiting_approval', approval: { approved_by: [] } })
    expect(answer.warnings).toContain(problem)
    expect((await stored(world, id)).decisions).toEqual([])
  })

  it('that took its comment away did not consent', async () => {
    const { use, id, said } = await onPlatform(true, { count: 2 })
    said.push(word('ada-hub'))
    expect((await use(id)).approval).toMatchObject({ approved_by: ['ada'] })
    said.pop()
    expect((await use(id)).approval).toMatchObject({ approved_by: [] })
  })

  it('and a key of one person are one approval', async () => {
    const { world, use, id, said } = await onPlatform(true, { count: 2 })
    said.push(word('ada-hub'))
    await use(id)
    await expect(approve(world, id, 'ada')).rejects.toThrow(`ada approved ${id} already`)
    await approve(world, id, 'bob')
    expect(await use(id)).toMatchObject({ approved: { by: 'ada, bob', level: 'L1' } })
  })

  it('rejects for good, unless it is anybody', async () => {
    const { world, use, id, said, closed } = await onPlatform()
    said.push(word('stranger', { verdict: 'rejected' }))
    expect((await use(id)).status).toBe('waiting_approval')
    said.push(word('ada-hub', { verdict: 'rejected' }))
    await expect(use(id)).rejects.toThrow(`${id} was rejected by ada`)
    expect((await stored(world, id)).state).toBe('rejected')
    expect(closed).toEqual(['rejected'])
  })

  it('is not taken from a dry run', async () => {
    const { world, id, said } = await onPlatform()
    said.push(word('ada-hub'))
    const dry = await promote(world.call, 'v1', { approval_token: id, dry_run: true })
    expect(dry.accepted).toBe('yes: approved by ada (L2)')
    expect((await stored(world, id)).decisions).toEqual([])
  })
})

/** Keys and signatures for real. */
function keys() {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-portable-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const key = (name: string) => {
    const file = join(directory, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file])
    return file
  }
  const approvers = createApprovers({ path: join(directory, 'approvers') })
  const deps = { processes: createProcesses(), env: {}, terminal: false }
  return { key, approvers, signer: createSigner({ ...deps, approvers }) }
}

async function exported() {
  const real = keys()
  const { approvers, signer, key } = real
  const ada = key('ada')
  await approvers.add('ada', await signer.inspect(ada))
  const world = makeWorld({ project: guarded({}), approvers, signer })
  await stage(world, 'v1')
  const { id } = (await promote(world.call, 'v1')).approval
  const portable = await exportRequest(world.call, id)
  const { runtime } = world.call
  const elsewhere = {
    runtime,
    signer: createSigner({
      processes: createProcesses(),
      env: {},
      terminal: false,
      approvers: createApprovers({ path: '/dev/null' }),
    }),
  }
  const sign = async (file: PortableRequest, keyFile: string) => {
    const review = reviewPortable(JSON.stringify(file), runtime)
    return JSON.stringify(await signPortable(elsewhere, review.portable, keyFile, null))
  }
  return {
    ...real,
    world,
    id,
    ada,
    portable,
    sign,
    desk: world.as({ kind: 'human', name: 'ada' }),
  }
}

describe('a request that is signed on another machine', () => {
  it('comes back as an approval like any other', async () => {
    const { world, id, ada, portable, sign, desk } = await exported()
    const { lines } = reviewPortable(JSON.stringify(portable), world.call.runtime)
    expect(lines.map(({ text }) => text)).toContain('restart: restart production')
    const signed = await sign(portable, ada)
    expect(await importDecision(desk, signed)).toMatchObject({ approver: 'ada', state: 'approved' })
    await expect(importDecision(desk, signed)).rejects.toThrow(`${id} is approved`)
    expect((await desk.audit.tail(1))[0]).toMatchObject({
      operation: 'import_approval',
      success: true,
    })
    expect(await promote(world.call, 'v1', { approval_token: id })).toMatchObject({
      status: 'queued',
      approved: { by: 'ada', method: 'ssh_signature' },
    })
  })

  it('is audited with the key that signed, of several of one name', async () => {
    const { ada, key, approvers, signer, portable, sign, desk } = await exported()
    const lines = readFileSync(approvers.path, 'utf8')
    const other = readFileSync(`${key('other')}.pub`, 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
    const line = `ada namespaces="gonogo-approval" ${other} protection=none\n`
    writeFileSync(approvers.path, line + lines)
    await importDecision(desk, await sign(portable, ada))
    const { public_key } = await signer.inspect(ada)
    expect((await desk.audit.tail(1))[0]?.details).toMatchObject({
      key: keyLabel(desk, { public_key }),
    })
  })

  it('is shown with text that cannot draw over the plan', async () => {
    const { world, portable } = await exported()
    const evil = '\u001b[2J\u001b[Hone\napproval\u202e'
    const { request, wants } = portable
    const file = {
      ...portable,
      request: { ...request, operator: evil },
      wants: { ...wants, text: evil },
    }
    const { lines } = reviewPortable(JSON.stringify(file), world.call.runtime)
    expect(lines).toContainEqual({ kind: 'fact', label: 'wants', text: 'one approval' })
    expect(lines).toContainEqual({ kind: 'fact', label: 'acts for', text: 'one approval' })
    const named = { ...portable, request: { ...request, id: `${request.id}${evil}` } }
    expect(() => reviewPortable(JSON.stringify(named), world.call.runtime)).toThrow('request.id')
  })

  it('is not shown when it was changed, is over, or is something else', async () => {
    const { world, portable } = await exported()
    const { runtime } = world.call
    const review = (change: object) => () =>
      reviewPortable(JSON.stringify({ ...portable, ...change }), runtime)
    const { request, plan } = portable
    expect(review({ plan: { ...plan, environment: 'staging' } })).toThrow('it was changed')
    expect(review({ request: { ...request, version: 'v9' } })).toThrow('it was changed')
    expect(review({ request: { ...request, overrides: ['break_glass'] } })).toThrow(
      'it was changed',
    )
    const garbage = { some: 'thing' }
    const plan_hash = runtime.sha256(JSON.stringify(garbage))
    expect(review({ plan: garbage, request: { ...request, plan_hash } })).toThrow('it was changed')
    expect(review({ more: 1 })).toThrow('is no approval request')
    expect(() => reviewPortable('{', runtime)).toThrow('it is not JSON')
    world.pass(31 * 60_000)
    expect(review({})).toThrow(`${request.id} expired`)
  })

  it('is not taken in with a foreign key, changed, or for another request', async () => {
    const { world, key, ada, portable, sign, desk, id } = await exported()
    const mallory = key('mallory')
    await expect(importDecision(desk, await sign(portable, mallory))).rejects.toThrow(
      "which is no approver's key",
    )
    const signed = JSON.parse(await sign(portable, ada)) as Record<string, string>
    const changed = (change: object) => JSON.stringify({ ...signed, ...change })
    const statement = signed.statement!
    const later = statement.replace('"version":"v1"', '"version":"v2"')
    await expect(importDecision(desk, changed({ statement: later }))).rejects.toThrow(
      'what was signed is about another request',
    )
    const other = statement.replace('"reason":null,"request"', '"reason":"x","request"')
    expect(other).not.toBe(statement)
    await expect(importDecision(desk, changed({ statement: other }))).rejects.toThrow(
      'does not match what was to be signed',
    )
    const rejected = statement.replace('"verdict":"approved"', '"verdict":"rejected"')
    await expect(importDecision(desk, changed({ statement: rejected }))).rejects.toThrow(
      'what was signed says rejected',
    )
    const next = await promote(world.call, 'v1', { skip_smoke_tests: true })
    const moved = changed({ approval_id: next.approval.id })
    await expect(importDecision(desk, moved)).rejects.toThrow('about another request')
    await expect(importDecision(desk, JSON.stringify(signed))).rejects.toThrow(
      `${id} is superseded`,
    )
    const unknown = changed({ approval_id: `apr_${'0'.repeat(26)}` })
    await expect(importDecision(desk, unknown)).rejects.toMatchObject({ code: 'unknown_approval' })
  })
})
