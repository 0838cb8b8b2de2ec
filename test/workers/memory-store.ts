import type { Approval } from '../../src/core/approval.ts'
import type { Deployment } from '../../src/core/deployment.ts'
import type { TrustedPolicy } from '../../src/core/policy-trust.ts'
import type { Evidence, Hold, Lock, Store, Tables } from '../../src/ports/store.ts'

/** The rows, for a test to fill and to look at. */
export interface Rows {
  deployments: Map<string, Deployment>
  locks: Map<string, Lock>
  approvals: Map<string, Approval>
  evidence: Evidence[]
  holds: Hold[]
  trustedPolicy: TrustedPolicy | null
}

export function noRows(): Rows {
  return {
    deployments: new Map(),
    locks: new Map(),
    approvals: new Map(),
    evidence: [],
    holds: [],
    trustedPolicy: null,
  }
}

/**
 * Transactions in memory, one after the other, as the real store promises them: fast enough for
 * thousands of schedules. `entering` may hold a caller back, or for ever.
 */
export function memoryStore(rows: Rows, entering: () => Promise<void> = async () => {}): Store {
  let last: Promise<unknown> = Promise.resolve()
  function transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    const result = last.then(async () => {
      const before = structuredClone(rows)
      try {
        return structuredClone(await work(tablesOf(rows)))
      } catch (error) {
        Object.assign(rows, before)
        throw error
      }
    })
    last = result.catch(() => undefined)
    return result
  }
  const enter = async <T>(work: (tables: Tables) => Promise<T>) => {
    await entering()
    return await transaction(work)
  }
  return { read: enter, write: enter, inspect: async () => null, close: async () => undefined }
}

function tablesOf(rows: Rows): Tables {
  return {
    deployments: deploymentsOf(rows.deployments),
    locks: {
      get: async (name) => rows.locks.get(name) ?? null,
      async take(lock) {
        if (rows.locks.has(lock.environment)) return false
        rows.locks.set(lock.environment, lock)
        return true
      },
      transfer: async (name, lock) => void rows.locks.set(name, lock),
      async release(name, id) {
        if (rows.locks.get(name)?.deployment_id === id) rows.locks.delete(name)
      },
      async remove(lock) {
        const held = rows.locks.get(lock.environment)
        if (held?.deployment_id !== lock.deployment_id) return false
        return rows.locks.delete(lock.environment)
      },
      waiters: async () => [],
      wait: async () => undefined,
      unwait: async () => undefined,
    },
    approvals: {
      insert: async (approval) => void rows.approvals.set(approval.id, approval),
      get: async (id) => rows.approvals.get(id) ?? null,
      list: async () => [...rows.approvals.values()],
      current: async () => null,
      byCode: async () => null,
      async decide(decision) {
        const found = rows.approvals.get(decision.approval_id)
        if (!found) return
        const decisions = [...found.decisions, decision]
        rows.approvals.set(found.id, { ...found, decisions })
      },
      async move(id, from, to, changes) {
        const found = rows.approvals.get(id)
        if (found?.state !== from) return false
        rows.approvals.set(id, { ...found, ...changes, state: to })
        return true
      },
    },
    evidence: {
      insert: async (evidence) => void rows.evidence.push(evidence),
      latest: async () => null,
      ofDeployment: async (id) => rows.evidence.filter((one) => one.deployment_id === id),
    },
    holds: {
      insert: async (hold) => void rows.holds.push(hold),
      list: async (name) => rows.holds.filter((hold) => hold.environment === name),
      remove: async () => false,
    },
    trustedPolicies: {
      put: async (trusted) => void (rows.trustedPolicy = trusted),
      last: async () => rows.trustedPolicy,
    },
    ...emptyTables,
  }
}

/** What no schedule of these tests writes to. */
const emptyTables: Pick<
  Tables,
  'lineStops' | 'reviewsOwed' | 'callerTokens' | 'tokenEvents' | 'outbox'
> = {
  lineStops: { insert: async () => undefined, list: async () => [], lift: async () => false },
  reviewsOwed: {
    insert: async () => undefined,
    get: async () => null,
    list: async () => [],
    review: async () => false,
  },
  callerTokens: {
    insert: async () => undefined,
    list: async () => [],
    revoke: async () => false,
  },
  tokenEvents: { insert: async () => undefined, list: async () => [] },
  outbox: {
    insert: async () => undefined,
    claim: async () => null,
    update: async () => undefined,
    list: async () => [],
  },
}

function deploymentsOf(rows: Rows['deployments']): Tables['deployments'] {
  return {
    insert: async (row) => void rows.set(row.id, row),
    putObserved: async (row) => void rows.set(row.id, row),
    get: async (id) => rows.get(id) ?? null,
    byApproval: async (id) => [...rows.values()].filter((row) => row.approval_id === id),
    async list({ environment, underWay, kinds, limit }) {
      const found = [...rows.values()]
        .filter((row) => environment === undefined || row.environment === environment)
        .filter((row) => !underWay || row.phase !== 'ended')
        .filter((row) => !kinds || kinds.includes(row.kind))
      return { rows: found.toReversed().slice(0, limit), total: found.length }
    },
    async claim({ owner, now, until, id }) {
      const free = (row: Deployment) =>
        row.lease_owner === null || row.lease_owner === owner || row.lease_until <= now
      const due = [...rows.values()].find(
        (row) =>
          (id === undefined || row.id === id) &&
          row.phase !== 'ended' &&
          row.due_at <= now &&
          free(row),
      )
      if (!due) return null
      const claimed = { ...due, lease_owner: owner, lease_until: until, fence: due.fence + 1 }
      rows.set(due.id, claimed)
      return claimed
    },
    async update(id, fence, patch) {
      const row = rows.get(id)
      if (row?.fence !== fence) return false
      rows.set(id, { ...row, ...patch })
      return true
    },
    async fenceOff(id) {
      const row = rows.get(id)
      if (row) rows.set(id, { ...row, fence: row.fence + 1, lease_owner: null, lease_until: 0 })
    },
  }
}
