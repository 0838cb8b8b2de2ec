import { chmodSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AdminToken } from '../../src/core/admin-token.ts'
import type { ApproverRule, NotificationTarget, Project } from '../../src/core/project.ts'
import type { AuditStatus } from '../../src/ports/audit-log.ts'
import type { Call } from '../../src/ports/context.ts'
import type { PlatformApprovals } from '../../src/ports/platform-approvals.ts'
import type { CallerToken, OutboxMessage, Tables } from '../../src/ports/store.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { approverKey } from '../support/fake-ports.ts'
import { fakeProject } from '../support/fake-project.ts'
import { holding } from '../support/held.ts'
import { told } from './patient.ts'

function world(change: (project: Project) => void = () => undefined): World {
  const project = fakeProject()
  change(project)
  return makeWorld({ project })
}

const put = ({ call }: World, work: (tables: Tables) => Promise<void>) => call.store.write(work)
const production = ({ environments }: Project) => environments[1]!
const approvers = (project: Project, changes: Partial<ApproverRule>) =>
  Object.assign(production(project).approvers, changes)

const day = 24 * 3_600_000

describe('whose approval is wanted', () => {
  it('is told with who can give it', async () => {
    const { call } = world((project) => approvers(project, { count: 2 }))
    expect((await told(call)).approver_policy).toEqual([
      ['ok', 'production wants 2 approvals; ada, bob can give one', null],
    ])
  })

  it('of more people than there are is a failure', async () => {
    const { call } = world((project) => approvers(project, { count: 3 }))
    expect((await told(call)).approver_policy?.[0]?.slice(0, 2)).toEqual([
      'fail',
      'production wants 3 approvals of different people, and ada, bob can give one: it can never be approved',
    ])
  })

  it('of one person under two names counts once', async () => {
    const { call, approvers: list } = world((project) => {
      approvers(project, { count: 3 })
      project.approvals.people = { ada: { signers: ['ada', 'ada-laptop'], github: [], users: [] } }
    })
    list.known.push({ name: 'ada-laptop', ...approverKey('ada-laptop') })
    expect((await told(call)).approver_policy?.[0]?.[0]).toBe('fail')
  })

  it('of somebody who is in no list is told by name', async () => {
    const { call } = world((project) => {
      approvers(project, { people: ['ada', 'ops'] })
      project.approvals.groups = { ops: ['eve', 'bob'] }
    })
    const found = await told(call)
    expect(found.approver_person?.map(([, message]) => message)).toEqual([
      'eve is named to approve production, and is in no line of the list of approvers',
    ])
    expect(found.approver_policy?.[0]?.[1]).toBe(
      'production wants one approval; ada, bob can give one',
    )
  })

  it('where the one who may is who gonogo runs as, is told', async () => {
    const { call } = world((project) => approvers(project, { self_approval: 'forbidden' }))
    const runtime = { ...call.runtime, userName: () => 'ada' }
    expect((await told({ ...call, runtime })).approver_policy?.map(([status]) => status)).toEqual([
      'ok',
    ])
    const alone = world((project) =>
      approvers(project, { self_approval: 'forbidden', people: ['ada'] }),
    )
    const found = await told({ ...alone.call, runtime })
    expect(found.approver_policy?.[1]).toEqual([
      'warn',
      'ada may not approve what anybody asks for here, and without them production lacks 1 approver(s)',
      expect.any(String),
    ])
  })
})

const platform = (verified: boolean): PlatformApprovals => ({
  open: () => Promise.reject(new Error('changes something')),
  decisions: async () => [],
  close: () => Promise.reject(new Error('changes something')),
  login: async () => 'gonogo-bot',
  verifiesConsent: async () => ({ verified, problem: verified ? null : 'no approval job' }),
})

describe('the level', () => {
  it('of several approvals is that of the weakest that is needed', async () => {
    const two = world((project) => approvers(project, { count: 2 }))
    two.approvers.known = ['ada', 'bob-plain', 'eve'].map((name) => ({
      name,
      ...approverKey(name),
    }))
    expect((await told(two.call)).level_reached?.[0]?.[1]).toContain('reaches L1 here')
    two.approvers.known.pop()
    expect((await told(two.call)).level_reached?.[0]?.[1]).toContain('reaches L0 here')
  })

  it('counts only those whose word counts', async () => {
    const { call, approvers: list } = world((project) =>
      approvers(project, { people: ['bob-plain'] }),
    )
    list.known = ['ada', 'bob-plain'].map((name) => ({ name, ...approverKey(name) }))
    expect((await told(call)).level_reached?.[0]?.[1]).toContain('reaches L0 here (bob-plain L0)')
  })

  it('of a login is L2 only where the workflow verifies it, and none of its own login', async () => {
    const { call, approvers: list } = world((project) => {
      project.approvals.people = {
        ada: { signers: [], github: ['ada-gh', 'gonogo-bot'], users: [] },
      }
      production(project).least_level = 'L2'
    })
    list.known = []
    const good = await told({ ...call, platformApprovals: platform(true) })
    expect(good.level_reached?.map(([, message]) => message)).toEqual([
      'production: an approval reaches L2 here (@ada-gh L2); L2 is wanted',
    ])
    expect(good.approvers).toBeUndefined()
    const weak = await told({ ...call, platformApprovals: platform(false) })
    expect(weak.level_reached?.map(([status]) => status)).toEqual(['fail', 'note'])
    expect(weak.level_reached?.[1]?.[1]).toContain('no approval job')
  })
})

const statuses = async (of: Call) => (await told(of)).approver_list?.map(([status]) => status)

it('a list on a branch is told with whether gonogo could change it', async () => {
  const { call } = world()
  const on = (text: string, reach: string | null): Call => ({
    ...call,
    approvers: {
      ...call.approvers,
      onBranch: async () => ({ place: 'ops/approvers on main of acme/clinic', text, reach }),
    },
  })
  expect(await statuses(on('ada ssh-ed25519 A', null))).toEqual(['ok'])
  expect(await statuses(on('ada ssh-ed25519 A', 'the branch is not protected'))).toEqual(['warn'])
  expect(await statuses(on('', null))).toEqual(['fail'])
})

const adminToken = (changes: Partial<AdminToken>): AdminToken => ({
  label: 'sha256:0123456789ab',
  sha256: '0123456789ab'.padEnd(64, '0'),
  expires_at: null,
  weakness: null,
  ...changes,
})

const callerToken = (name: string, changes: Partial<CallerToken> = {}): CallerToken => ({
  id: `tok_${name}`,
  name,
  sha256: name.padEnd(64, '0'),
  role: 'deployer',
  environments: [],
  created_by: 'human:ada',
  created_at: 0,
  expires_at: null,
  revoked_at: null,
  ...changes,
})

describe('tokens', () => {
  it('that are easy to guess, or end soon, are told by their labels', async () => {
    const { call } = world()
    const now = call.runtime.now()
    const adminTokens = [
      adminToken({ weakness: 'shorter than 16 characters' }),
      adminToken({ label: 'old', expires_at: now - 1 }),
      adminToken({ label: 'fine', expires_at: now + 90 * day }),
    ]
    const found = await told({ ...call, adminTokens })
    expect(found.static_tokens?.slice(1).map(([, message]) => message)).toEqual([
      'sha256:0123456789ab is easy to guess: shorter than 16 characters',
      'old ended at 2029-12-31 23:59 UTC',
    ])
  })

  it('of callers are told with their roles, and refused calls when there is none', async () => {
    const made = world((project) => void (project.callers.token = 'required'))
    expect((await told(made.call)).caller_tokens?.[0]?.[0]).toBe('fail')
    const now = made.call.runtime.now()
    await put(made, async ({ callerTokens }) => {
      await callerTokens.insert(callerToken('ci', { expires_at: now + 90 * day }))
      await callerTokens.insert(callerToken('old', { expires_at: now - day }))
      await callerTokens.insert(callerToken('gone', { revoked_at: 1 }))
      await callerTokens.insert(callerToken('ever'))
    })
    expect(
      (await told(made.call)).caller_tokens?.map(([status, message]) => [status, message]),
    ).toEqual([
      [
        'ok',
        expect.stringMatching(
          /^tokens of callers: (ever|ci) \(deployer\), (ever|ci) \(deployer\)$/,
        ),
      ],
      ['warn', 'the caller token old ended at 2029-12-31 00:00 UTC'],
      ['note', 'the caller token ever never ends'],
    ])
  })

  it('that went through a conversation are told until they count no more', async () => {
    const made = world()
    const token = adminToken({})
    await put(made, async ({ tokenEvents }) => {
      const event = { kind: 'exposed', caller: 'agent:claude', at: 1 } as const
      await tokenEvents.insert({ ...event, label: token.label })
      await tokenEvents.insert({ ...event, label: 'sha256:ffffffffffff' })
    })
    const found = await told({ ...made.call, adminTokens: [token] })
    expect(found.token_exposed?.map(([status, message]) => [status, message])).toEqual([
      ['warn', expect.stringContaining('sha256:0123456789ab went through a model')],
    ])
    expect((await told(made.call)).token_exposed).toBeUndefined()
  })

  it('that were refused lately are counted for each caller', async () => {
    const made = world()
    const at = made.call.runtime.now() - 1_000
    await put(made, async ({ tokenEvents }) => {
      const event = { kind: 'refused', label: 'sha256:1', caller: 'agent:claude' } as const
      for (const when of [at, at, at - 2 * day]) await tokenEvents.insert({ ...event, at: when })
    })
    expect((await told(made.call)).token_refused).toEqual([
      ['note', 'agent:claude: 2 token(s) were refused within a day', expect.any(String)],
    ])
  })
})

describe('locks and reviews', () => {
  it('of people are told, a day old ones as a warning', async () => {
    const made = world()
    const now = made.call.runtime.now()
    const lock = { deployment_id: null, holder: 'human:ada', reason: 'database moves' }
    await put(made, async ({ locks }) => {
      await locks.take({ ...lock, environment: 'staging', since: now - 1_000 })
      await locks.take({ ...lock, environment: 'production', since: now - 2 * day })
    })
    expect((await told(made.call)).lock_held).toEqual([
      ['note', 'staging is locked by human:ada (database moves)', 'gonogo lock status staging'],
      [
        'warn',
        'production is locked by human:ada (database moves) for 2 day(s)',
        'gonogo lock break production',
      ],
    ])
  })

  it('what people wrote is told without the secrets that gonogo holds', async () => {
    const secret = 'kV7wq2Lx9RbT4nYc'
    const { call } = makeWorld({ held: holding([], { secrets: [secret] }) })
    const lock = { deployment_id: null, holder: 'human:ada', since: call.runtime.now() }
    await call.store.write(async ({ locks }) => {
      await locks.take({ ...lock, environment: 'staging', reason: `with ${secret}` })
    })
    const findings = await told(call)
    expect(findings.lock_held?.[0]?.[1]).toBe('staging is locked by human:ada (with [redacted])')
    expect(JSON.stringify(findings)).not.toContain(secret)
  })

  it('a stopped line is told; a row that merely says that it was lifted lifts nothing', async () => {
    const made = world()
    await put(made, async ({ lineStops }) => {
      const stop = { id: 'stop_1', reason: 'incident', stopped_by: 'human:ada', stopped_at: 1 }
      const unsigned = {
        lift_statement: '{}',
        lift_signature: 'none',
        lifted_by: 'x',
        lifted_at: 2,
      }
      await lineStops.insert({ ...stop, ...unsigned })
    })
    expect((await told(made.call)).line_stopped?.[0]?.slice(0, 2)).toEqual([
      'warn',
      expect.stringContaining('the line is stopped (human:ada: incident)'),
    ])
    const calm = world()
    await put(calm, async () => undefined)
    expect((await told(calm.call)).line_stopped).toEqual([
      ['ok', 'promotions are not stopped', null],
    ])
  })

  it('a review that is owed is told, also when a row merely says that it was given', async () => {
    const made = world()
    const owed = {
      environment: 'production',
      gates: ['freeze_window'],
      reason: 'fire',
      owed_since: 0,
    }
    const open = { review_statement: null, review_signature: null, reviewed_by: null }
    await put(made, async ({ reviewsOwed }) => {
      await reviewsOwed.insert({ ...owed, ...open, deployment_id: 'dep_1', reviewed_at: null })
      await reviewsOwed.insert({ ...owed, ...open, deployment_id: 'dep_2', reviewed_at: 5 })
    })
    const found = (await told(made.call)).review_owed
    expect(found?.map(([, , fix]) => fix).toSorted()).toEqual([
      'gonogo break-glass review dep_1 --key FILE --comment TEXT',
      'gonogo break-glass review dep_2 --key FILE --comment TEXT',
    ])
  })
})

const target: NotificationTarget = {
  name: 'team',
  kind: 'slack',
  url_env: 'TEAM_URL',
  secret_env: null,
  hosts: ['hooks.slack.com'],
  events: ['approval_requested'],
}

const message = (id: string, changes: Partial<OutboxMessage>): OutboxMessage => ({
  id,
  target: 'team',
  event: 'approval_requested',
  payload: '{}',
  created_at: 0,
  due_at: 0,
  attempts: 0,
  last_error: null,
  delivered_at: null,
  abandoned_at: null,
  ...changes,
})

describe('notifications', () => {
  it('that nobody gets, or that cannot be sent, are told', async () => {
    expect((await told(world().call)).notification_target?.[0]?.[0]).toBe('note')
    const { call } = world((project) => void (project.notifications = [target]))
    expect((await told(call)).notification_target).toEqual([
      ['ok', 'team (slack) hears of approval_requested', null],
    ])
    const notifier = { ...call.notifier, problem: () => 'TEAM_URL is not set' }
    expect((await told({ ...call, notifier })).notification_target?.[0]?.slice(0, 2)).toEqual([
      'warn',
      'team (slack) hears nothing: TEAM_URL is not set',
    ])
  })

  it('that were lost, or that nobody sends, are told and not sent by looking', async () => {
    const made = world((project) => void (project.notifications = [target]))
    const now = made.call.runtime.now()
    await put(made, async ({ outbox }) => {
      const lost = { last_error: 'refused it with 404', abandoned_at: now - 1_000 }
      await outbox.insert(message('msg_1', lost))
      await outbox.insert(message('msg_2', { ...lost, abandoned_at: now - 30 * day }))
      await outbox.insert(message('msg_3', { due_at: now - 3_600_000 }))
      await outbox.insert(message('msg_4', { due_at: now + 1_000 }))
      await outbox.insert(message('msg_5', { delivered_at: 5 }))
    })
    expect((await told(made.call)).notification_message).toEqual([
      [
        'warn',
        '1 message(s) to team were given up within a week, last: refused it with 404',
        'gonogo notifications list',
      ],
      ['warn', '1 message(s) wait to be sent, and nobody sends them', 'gonogo keep --outbox'],
    ])
    expect(made.watched).toEqual([])
  })
})

const status = (path: string, changes: Partial<AuditStatus>): AuditStatus => ({
  path,
  lines: 10,
  bytes: 1_000,
  earlier: [],
  checkpoint: null,
  key_file: '/nowhere/audit-key',
  public_key: null,
  anchors: [],
  streams: [],
  ...changes,
})

async function kept(changes: (made: World) => Partial<AuditStatus>) {
  const made = world()
  writeFileSync(made.call.audit.path, '')
  const answer = status(made.call.audit.path, changes(made))
  return await told({ ...made.call, audit: { ...made.call.audit, status: async () => answer } })
}

describe('the audit log', () => {
  it('is told with its key, its newest checkpoint, its size, and what failed outside', async () => {
    const found = await kept(({ directory, call }) => {
      const key_file = `${directory}/audit-key`
      writeFileSync(key_file, '')
      chmodSync(key_file, 0o644)
      const failed = { place: 'syslog', at: 1, size: null, problem: 'connection refused' }
      const at = call.runtime.now() - 3 * day
      const outside = { anchors: [{ ...failed, place: 'platform' }], streams: [failed] }
      return { key_file, checkpoint: { size: 4, at }, bytes: 300 * 1024 * 1024, ...outside }
    })
    expect(found.audit_key?.[0]?.slice(0, 2)).toEqual(['warn', expect.stringContaining('mode 644')])
    expect(found.audit_checkpoint?.[0]?.slice(0, 2)).toEqual([
      'note',
      'the newest checkpoint covers 4 of 10 line(s), signed 3 day(s) ago',
    ])
    expect(found.audit_anchor?.map(([status_]) => status_)).toEqual(['note', 'warn'])
    expect(found.audit_stream?.[0]?.[1]).toBe('the stream syslog failed last: connection refused')
    expect(found.audit_size?.[0]?.[1]).toContain('has grown to 300 MiB')
  })

  it('without a checkpoint is told as such', async () => {
    expect((await kept(() => ({}))).audit_checkpoint?.[0]?.slice(0, 2)).toEqual([
      'note',
      '10 line(s), and no checkpoint so far',
    ])
  })
})
