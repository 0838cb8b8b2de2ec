import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ObservedDeployment } from '../../../src/core/observed.ts'
import { auditReport } from '../../../src/desk/report/report.ts'
import { removeApprover } from '../../../src/desk/approvers.ts'
import { stopTheLine } from '../../../src/desk/line-stop.ts'
import { deploymentsWithin } from '../../../src/desk/report/deployments.ts'
import { reportWindow } from '../../../src/desk/report/window.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { hour, makeWorld, type World } from '../../support/fake-context.ts'
import { release as releaseOf } from '../../support/fake-ports.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { adminToken, holding } from '../../support/held.ts'
import { approve, promote, release, stage } from '../../tools/support/journey.ts'

/** Everything up to now. */
async function reported({ call }: World, environment?: string) {
  const window = { from: 0, until: call.runtime.now() + hour }
  const report = await auditReport({ ...call, requestId: 'req_report' }, { window, environment })
  const kinds = report.exceptions.map(({ kind }) => kind)
  const told = report.exceptions.map(({ kind, severity, text }) => `${severity} ${kind}: ${text}`)
  return { ...report, kinds, told: told.join('\n') }
}

function inStore(world: World, statement: string, ...values: (string | number)[]): void {
  const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
  database.prepare(statement).run(...values)
  database.close()
}

describe('a change', () => {
  it('is told with who asked, who approved, what was checked and where the log tells it', async () => {
    const world = makeWorld()
    const { id } = await release(world, 'v1')
    const report = await reported(world)
    expect(report.totals).toMatchObject({ changes: 1, violations: 0, by_consent: { verified: 1 } })
    const [change] = report.changes
    expect(change).toMatchObject({
      deployment_id: id,
      environment: 'production',
      version: 'v1',
      outcome: 'success',
      requester: 'agent:claude',
      operator: world.call.runtime.userName(),
      consent: {
        state: 'verified',
        method: 'ssh_signature',
        level: 'L1',
        decisions: [{ verdict: 'approved', person: 'ada', proof: 'verified', problem: null }],
      },
      commits: { problem: expect.stringContaining('does not tell') },
      contradictions: [],
    })
    const { log, gates } = change!
    expect(log.intent).toBeLessThan(log.result!)
    expect(log.lines).toEqual(expect.arrayContaining([log.intent, log.result]))
    expect(gates).toContainEqual(
      expect.objectContaining({ name: 'tests_passed', requirement: 'required', in_log: true }),
    )
    expect(gates.map(({ name }) => name)).toContain('smoke_tests')
    expect(report.left_out).toEqual({ staging: 1 })
    expect(report.log).toMatchObject({ verified: true, anchored: false })
    expect(report.kinds).toContain('log_not_anchored')
  })

  it('is told for any environment by its name, also one that is no longer configured', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    const staging = await reported(world, 'staging')
    expect(staging.changes.map(({ environment }) => environment)).toEqual(['staging'])
    inStore(world, `update deployments set environment = 'old' where environment = 'staging'`)
    const all = await reported(world)
    expect(all.environments).toEqual(['production', 'old'])
    await expect(reported(world, 'prod')).rejects.toMatchObject({ code: 'unknown_environment' })
  })

  it('counts in the time it was made in', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    const now = world.call.runtime.now()
    const before = { from: 0, until: now - 100 * hour }
    const report = await auditReport(world.call, { window: before })
    expect(report).toMatchObject({ changes: [], totals: { changes: 0 } })
  })
})

describe('separation of duties', () => {
  const people = {
    ada: { signers: ['ada', 'ada-work'], github: ['ada-gh'], users: ['ada-at-home'] },
  }
  const guarded = (change: Parameters<typeof approverRule>[0]) =>
    fakeProject({
      approvals: { ...fakeProject().approvals, people },
      environments: [
        fakeEnvironment('staging'),
        fakeEnvironment('production', { approvers: approverRule(change) }),
      ],
    })

  it('is broken by whoever approved what they asked for, under whatever name', async () => {
    const world = makeWorld({ project: guarded({ self_approval: 'allowed' }) })
    await stage(world, 'v1')
    const asking = world.as({ kind: 'human', name: 'ada-at-home' })
    const { approval } = await promote(asking, 'v1')
    await approve(world, approval.id)
    const { deployment_id } = await promote(asking, 'v1', { approval_token: approval.id })
    await world.drive(String(deployment_id))
    const { told } = await reported(world)
    expect(told).toContain('violation self_approval: ada asked for it and approved it')
  })

  it('is broken by an author who approved, and commits nobody reviewed are told', async () => {
    const world = makeWorld({ project: guarded({}) })
    await release(world, 'v1')
    world.pipeline.changes = async () => ({
      total: 2,
      commits: [
        { sha: 'c'.repeat(40), subject: 'x', author: 'Ada-GH', isMerge: false, pulls: [] },
        {
          sha: 'd'.repeat(40),
          subject: 'y',
          author: 'bob',
          isMerge: false,
          pulls: [
            {
              number: 7,
              author: 'bob',
              head: 'd'.repeat(40),
              reviews: [
                {
                  reviewer: 'cleo',
                  isBot: false,
                  isOutsider: false,
                  verdict: 'approved',
                  commit: 'd'.repeat(40),
                },
              ],
            },
          ],
        },
      ],
    })
    await release(world, 'v2')
    const { told, changes } = await reported(world)
    expect(changes[1]?.commits).toMatchObject({
      problem: null,
      authors: ['Ada-GH', 'bob'],
      reviewers: ['cleo'],
    })
    expect(told).toContain('violation author_approved: ada wrote part of it and approved it')
    expect(told).toContain('commits_not_reviewed: no other person approved: cccccccccccc (x)')
  })
})

it('tells when fewer people approved than have to', async () => {
  const approvers = approverRule({ count: 2 })
  const production = fakeEnvironment('production', { approvers })
  const project = fakeProject({ environments: [fakeEnvironment('staging'), production] })
  const world = makeWorld({ project })
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id, 'ada')
  await approve(world, approval.id, 'bob')
  const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
  await world.drive(String(deployment_id))
  expect((await reported(world)).totals.violations).toBe(0)
  inStore(world, `delete from approval_decisions where person = 'bob'`)
  expect((await reported(world)).told).toContain(
    'violation too_few_approvals: 2 people have to approve, and 1 did',
  )
})

describe('what went around the rules', () => {
  it('comes first: bypasses, and what the platform could not be asked', async () => {
    const observed: ObservedDeployment = {
      external_id: 'deployment:7',
      environment: 'production',
      release: releaseOf('2'),
      git_ref: 'main',
      status: 'success',
      began: true,
      changed: true,
      cause: null,
      initiated_by: 'github:octocat',
      run_id: '70',
      correlation_id: null,
      consent_verified: false,
      created_at: 3_600_000,
      completed_at: 3_700_000,
    }
    const world = makeWorld()
    world.pipeline.observed = async () => [observed]
    await release(world, 'v1')
    const { exceptions, changes } = await reported(world)
    expect(exceptions[0]).toMatchObject({ kind: 'bypass', severity: 'violation' })
    expect(exceptions[0]?.text).toContain('github:octocat changed it around gonogo')
    expect(changes.map(({ kind }) => kind)).toEqual(['observed', 'promotion'])
    world.pipeline.observed = async () => {
      throw new Error('no answer')
    }
    expect((await reported(world)).told).toContain('bypasses may be missing: unexpected error')
  })

  it('names static tokens and what they are worth', async () => {
    const token = 'correct horse battery staple'
    const adminTokens = [adminToken(token)]
    const world = makeWorld({ adminTokens, held: holding(adminTokens, { plain: [token] }) })
    await stage(world, 'v1')
    const { deployment_id } = await promote(world.call, 'v1', { approval_token: token })
    await world.drive(String(deployment_id))
    const report = await reported(world)
    expect(report.changes[0]?.consent).toMatchObject({ state: 'static_token', level: 'L0' })
    expect(report.kinds).toContain('static_token')
    expect(JSON.stringify(report)).not.toContain(token)
  })

  it('names an emergency, and the review as long as nobody signed it', async () => {
    const world = makeWorld()
    const args = { break_glass: true, reason: 'the shop is down' }
    await validateDeployment.call({ environment: 'production', git_ref: 'v1' }, world.call)
    const { approval } = await promote(world.call, 'v1', args)
    await approve(world, approval.id)
    const used = { ...args, approval_token: approval.id }
    const { deployment_id } = await promote(world.call, 'v1', used)
    await world.drive(String(deployment_id))
    expect((await reported(world)).kinds).toEqual(
      expect.arrayContaining(['break_glass', 'review_owed']),
    )
    inStore(world, `update reviews_owed set reviewed_by = 'ada', reviewed_at = 7`)
    expect((await reported(world)).told).toContain(
      'review_owed: nobody has signed the review owed since 2030-01-01T00:00:00.000Z, and what is stored does not count',
    )
  })

  it('tells when the line was stopped, and believes no row about it', async () => {
    const world = makeWorld()
    await stopTheLine(world.as({ kind: 'human', name: 'bob' }), 'bad data')
    inStore(world, `update line_stops set lifted_by = 'ada', lifted_at = 7`)
    const { exceptions } = await reported(world)
    expect(exceptions.find(({ kind }) => kind === 'line_stopped')).toMatchObject({
      severity: 'exception',
      text: 'stopped by human:bob: bad data; no signature lifted it',
      lines: [2],
    })
    inStore(world, `delete from line_stops`)
    expect((await reported(world)).told).toContain(
      'violation record_contradicted: the log says that human:bob stopped the line',
    )
  })
})

const byHand = [
  [`update deployments set initiated_by = 'human:eve'`, 'line 9 says user agent:claude'],
  [`update deployments set status = 'failure'`, 'says status success, the deployment failure'],
  [`update deployments set verified = 1 - verified`, 'says verified true, the deployment false'],
  [`update deployments set health_status = 'unhealthy'`, 'says health_status healthy'],
  [`update deployments set plan = replace(plan, 'restart', 'true')`, 'the stored plan does not'],
  [
    `update approval_decisions set statement = replace(statement, '"version":"v1"', '"version":"v2"')`,
    'about another',
  ],
  [`update approval_decisions set signature = null`, 'its signature is missing'],
  [`update approvals set consumed_by = 'dep_x'`, 'the request says consumed_by dep_x'],
  [`delete from approvals`, 'is not in the store'],
  [`update evidence set result = replace(result, '"exit_code":0', '"exit_code":1')`, 'tests_pass'],
  [`delete from evidence where check_name = 'tests_passed'`, 'tests_passed is not in the store'],
  [`delete from deployments where environment = 'production'`, 'the log tells of this promote'],
] as const

/** The rows of now, to be put back. */
function remembered({ directory }: World): () => void {
  const tables = ['deployments', 'approvals', 'approval_decisions', 'evidence']
  const database = new DatabaseSync(join(directory, 'gonogo.db'))
  const rows = tables.map((table) => database.prepare(`select * from ${table}`).all())
  database.close()
  return () => {
    const again = new DatabaseSync(join(directory, 'gonogo.db'))
    for (const [index, table] of tables.entries()) {
      again.exec(`delete from ${table}`)
      for (const row of rows[index]!) {
        const marks = Object.keys(row).map(() => '?')
        again.prepare(`insert into ${table} values (${marks.join(',')})`).run(...Object.values(row))
      }
    }
    again.close()
  }
}

describe('what was not verified', () => {
  it('is not told as verified when its signer is no approver any more', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await removeApprover(world.as({ kind: 'human', name: 'bob' }), 'ada')
    const { changes, told, totals, kinds } = await reported(world)
    expect(changes[0]?.consent).toMatchObject({
      state: 'unverified',
      decisions: [{ proof: 'unlisted', problem: expect.stringContaining('any more') }],
    })
    expect(told).toContain('exception approval_not_proven: ada: the key that signed')
    expect(totals.violations).toBe(0)
    // Who may approve was changed: an auditor wants to know.
    expect(kinds).toContain('act')
  })

  it('is a violation when somebody wrote it by hand', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    for (const [statement, told] of byHand) {
      const restore = remembered(world)
      inStore(world, statement)
      const report = await reported(world)
      expect(report.told, statement).toContain(told)
      expect(report.exceptions[0]?.severity, statement).toBe('violation')
      restore()
    }
    expect((await reported(world)).totals.violations).toBe(0)
  })

  it('is a decision that ended the request before it was used', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    inStore(
      world,
      `insert into approval_decisions select 'd2', project, approval_id, 'revoked', method, person, identity,
         level, json_set(statement, '$.verdict', 'revoked', '$.decided_at', '2001-01-01T00:00:00.000Z'),
         signature, url, code_sha256, decided_at from approval_decisions`,
    )
    const { told, totals } = await reported(world)
    expect(told).toMatch(/violation record_contradicted: ada revoked it before it was used/)
    expect(totals.violations).toBeGreaterThan(0)
  })

  it('is an anchor that could not be read, whatever another one says', async () => {
    const world = makeWorld()
    const { audit } = world.call
    world.call.audit = {
      ...audit,
      verify: async () => ({
        ...(await audit.verify()),
        anchored: true,
        unread: ['platform: no answer'],
      }),
    }
    const { told, log } = await reported(world)
    expect(told).toMatch(/exception anchor_unread: .*platform: no answer/)
    expect(log).toMatchObject({ anchored: true, unread: ['platform: no answer'] })
  })

  it('is a deployment that the log never told of', async () => {
    const world = makeWorld()
    const { id } = await release(world, 'v1')
    inStore(
      world,
      `insert into deployments select ${copied(world, 'dep_forged')} from deployments where id = ?`,
      id,
    )
    const { told, log } = await reported(world)
    expect(told).toContain('violation record_contradicted: the log holds no line of its intent')
    expect(log.verified).toBe(true)
  })
})

it('is told of a log that was changed, cut off or taken away, with what is left of it', async () => {
  const world = makeWorld()
  await release(world, 'v1')
  const path = join(world.directory, 'audit.jsonl')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${lines.with(3, 'garbage').join('\n')}\n`)
  const garbled = await reported(world)
  expect(garbled.log).toMatchObject({ verified: false, lines: lines.length })
  expect(garbled.exceptions[0]).toMatchObject({ kind: 'log_changed', severity: 'violation' })
  expect(garbled.changes[0]?.contradictions).toEqual([])
  rmSync(path)
  const gone = await reported(world)
  expect(gone.log.verified).toBe(false)
  expect(gone.told).toContain('the log holds no line of its intent')
})

/** The columns of a row, with another id. */
function copied(world: World, id: string): string {
  const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
  const columns = database.prepare('pragma table_info(deployments)').all()
  database.close()
  return columns.map(({ name }) => (name === 'id' ? `'${id}'` : String(name))).join(', ')
}

it('reads any number of deployments once each, also of one moment', async () => {
  const world = makeWorld()
  const row = await stage(world, 'v1')
  await world.call.store.write(async ({ deployments }) => {
    for (let index = 0; index < 320; index++) {
      // Most of them of the same millisecond, more than a page holds.
      const created_at = index < 250 ? 1000 : 2000 + index
      await deployments.insert({ ...row, id: `dep_${index}`, created_at })
    }
  })
  const ids: string[] = []
  for await (const { id } of deploymentsWithin(world.call.store, { from: 0, until: 2319 }))
    ids.push(id)
  expect(ids).toHaveLength(319)
  expect(new Set(ids).size).toBe(319)
})

describe('the time of a report', () => {
  const now = Date.parse('2026-06-01T12:00:00Z')

  it('is whole days in UTC, or moments with a zone', () => {
    expect(reportWindow('2026-01-01', '2026-03-31', now)).toEqual({
      from: Date.parse('2026-01-01T00:00:00Z'),
      until: Date.parse('2026-04-01T00:00:00Z'),
    })
    expect(reportWindow('2026-05-01T10:00+02:00', undefined, now)).toEqual({
      from: Date.parse('2026-05-01T08:00:00Z'),
      until: now,
    })
  })

  it.each([
    ['2026-03-31', '2026-01-01', /--from 2026-03-31 is not before --to 2026-01-01/],
    ['2026-07-01', undefined, /is not before --to now/],
    ['last week', undefined, /--from "last week" is no date/],
    ['2026-02-31', undefined, /--from "2026-02-31" is no date/],
    ['2026-01-01T10:00', undefined, /is no date/],
    ['2026-01-01', '2026-13-01', /--to "2026-13-01" is no date/],
  ])('is refused when it makes no sense: %s to %s', (from, to, message) => {
    expect(() => reportWindow(from, to, now)).toThrow(message)
  })
})
