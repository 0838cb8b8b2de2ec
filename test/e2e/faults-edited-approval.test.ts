import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalRequest } from '../../src/core/approval.ts'
import { canonicalJson, toJson } from '../../src/core/canonical.ts'
import { approveById } from '../support/approve-by-id.ts'
import type { Call } from '../../src/ports/context.ts'
import { promoteToProduction } from '../../src/tools/promote-to-production.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

/** A request, with the signature of the one decision about it. */
interface ApprovalRow {
  request: string
  plan: string
  state: string
  signature: string | null
  consumed_by: string | null
  expires_at: number
}

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const promote = (version: string, token: string) => [
  'promote',
  version,
  '--approval-token',
  token,
  '--json',
]

describe('an approval row that was edited by hand', () => {
  let project: SmallProject
  let id: string
  beforeAll(async () => {
    project = await shop.project()
    id = await project.approved('v1')
  })
  afterAll(() => project.close())

  it.each<[what: string, edit: (row: ApprovalRow) => Promise<Partial<ApprovalRow>>, why: string]>([
    ['is approved without a signature', async () => ({ signature: null }), 'carries no signature'],
    [
      'has the signature of another request',
      async () => ({ signature: await signatureOfAnother() }),
      'does not match what was to be signed',
    ],
    [
      'asks for something else by now',
      async ({ request }) => pointedTo('v2', request),
      'what was signed is about another request',
    ],
    [
      'was asked for by somebody else',
      async ({ request }) => ({
        request: changed(request, { requester: 'agent:mallory' }),
      }),
      'belongs to agent:mallory',
    ],
    ['carries another plan', async () => ({ plan: '{}' }), 'the plan stored with'],
  ])('%s approves nothing', async (_what, edit, why) => {
    await edited(edit, async () => {
      const answer = await project.gonogo(promote('v1', id))
      const other = await project.gonogo(promote('v2', id))
      for (const { exitCode, stdout } of [answer, other]) {
        expect(exitCode).toBe(4)
        expect(JSON.parse(stdout).error).toMatchObject({ code: 'invalid_approval' })
      }
      expect(`${answer.stdout}${other.stdout}`).toContain(why)
      expect(await project.witnesses()).toEqual([])
      expect(await project.tool('list_deployments', {})).toMatchObject({ deployments: [] })
    })
  })

  it('expires when its signed request says so, whatever the row says', async () => {
    const old = await project.within((call) => signedAnHourAgo(call))
    id = old
    await edited(
      async () => ({ expires_at: Date.now() + 3_600_000 }),
      async () => {
        const { exitCode, stdout } = await project.gonogo(promote('v3', old))
        expect({ exitCode, stdout }).toMatchObject({
          exitCode: 4,
          stdout: expect.stringContaining('expired'),
        })
      },
    )
  })

  it('is worth what it was once the row is as it was', async () => {
    id = await project.approved('v1')
    await edited(
      async () => ({ signature: null }),
      async () => undefined,
    )
    const { exitCode } = await project.gonogo(promote('v1', id))
    expect(exitCode).toBe(0)
    await project.ended()

    // Set back to unused, it still only approves what was planned: a change from nothing to v1.
    await edited(
      async () => ({ state: 'approved', consumed_by: null }),
      async () => {
        const again = await project.gonogo(promote('v1', id))
        expect(again).toMatchObject({
          exitCode: 4,
          stdout: expect.stringContaining('production runs v1'),
        })
      },
    )
  })

  /** Edits the row of `id`, works, and puts the row back. */
  async function edited(
    edit: (row: ApprovalRow) => Promise<Partial<ApprovalRow>>,
    work: () => Promise<void>,
  ): Promise<void> {
    const before = rowOf(id)
    const changes = await edit(before)
    write(id, changes)
    try {
      await work()
      expect(rowOf(id)).toEqual({ ...before, ...changes })
    } finally {
      write(id, before)
    }
  }

  function database<T>(work: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(join(project.root, 'state/gonogo.db'), { timeout: 5000 })
    try {
      return work(db)
    } finally {
      db.close()
    }
  }

  function rowOf(approval: string): ApprovalRow {
    return database((db) => {
      const row = db.prepare('select * from approvals where id = ?').get(approval)
      const decision = 'select signature from approval_decisions where approval_id = ?'
      return { ...row, ...db.prepare(decision).get(approval) } as unknown as ApprovalRow
    })
  }

  function write(approval: string, { signature, ...changes }: Partial<ApprovalRow>): void {
    if (signature !== undefined) {
      const change = 'update approval_decisions set signature = ? where approval_id = ?'
      database((db) => db.prepare(change).run(signature, approval))
    }
    const names = Object.keys(changes)
    if (names.length === 0) return
    const values = Object.values(changes) as SQLInputValue[]
    database((db) =>
      db
        .prepare(
          `update approvals set ${names.map((name) => `${name} = ?`).join(', ')} where id = ?`,
        )
        .run(...values, approval),
    )
  }

  /** The row as it had been for this version: only the signature stands in the way. */
  async function pointedTo(version: 'v2', request: string): Promise<Partial<ApprovalRow>> {
    const wanted = { staging_version: version, dry_run: true }
    const { output } = await project.within((call) => promoteToProduction.call(wanted, call))
    const changes = { version, commit: shop.shas[version], plan_hash: String(output.plan_hash) }
    return { request: changed(request, changes), plan: canonicalJson(toJson(output.plan)) }
  }

  async function signatureOfAnother(): Promise<string | null> {
    const requester = { kind: 'agent', name: 'other' } as const
    const other = await project.approved('v1', { principal: requester })
    return rowOf(other).signature
  }
})

function changed(request: string, changes: Partial<ApprovalRequest>): string {
  return JSON.stringify({ ...(JSON.parse(request) as ApprovalRequest), ...changes })
}

async function signedAnHourAgo(call: Call): Promise<string> {
  const runtime = { ...call.runtime, now: () => Date.now() - 3_600_000 }
  const past = { ...call, runtime }
  const { output } = await promoteToProduction.call({ staging_version: 'v3' }, past)
  const { id } = output.approval as { id: string }
  await approveById({ ...past, principal: { kind: 'human', name: 'ada' } }, id, shop.key)
  return id
}
