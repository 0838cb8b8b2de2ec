import type { Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import type { Call } from '../ports/context.ts'
import type { ProbeAnswer } from '../ports/probe.ts'
import type { Processes } from '../ports/process.ts'
import type {
  CallerToken,
  Lock,
  OutboxMessage,
  ReviewOwed,
  StoreInspection,
  Tables,
  TokenEvent,
} from '../ports/store.ts'

/** This machine and process: what can be looked at without any project. */
export interface Machine {
  version: string
  env: Readonly<Record<string, string | undefined>>
  processes: Pick<Processes, 'run'>
  /** Every variable that gonogo reads. */
  variables: readonly string[]
  /** Whether this process may do everything. */
  root: boolean
}

/** The project, and what its configuration rests on. */
export interface Patient extends Machine {
  call: Call
  /** Variables that replace values of the file, by the key they replace. */
  overrides: readonly { variable: string; key: string }[]
  /** The schema for editors as this gonogo would write it, and where it would be. */
  schema: { file: string; text: string } | null
  /** True: live systems are left alone. */
  offline: boolean
  /** Asks a live system once, however many findings want to know. */
  ask: (url: string) => Promise<Asked>
  /** Looks into the store once; null when there is none. */
  records: () => Promise<StoreInspection<Records> | null>
}

/** What a live system answered, and when by this machine's clock. */
export interface Asked {
  answer: ProbeAnswer
  at: number
}

/** What findings need of the store. */
export interface Records {
  total: number
  newest: Deployment | null
  underWay: Deployment[]
  locks: Lock[]
  /** Newest first, those that somebody says were reviewed, too. */
  reviews: ReviewOwed[]
  callerTokens: CallerToken[]
  /** Secrets that went through a model. */
  exposed: TokenEvent[]
  /** Tokens that were refused within the last day. */
  refused: TokenEvent[]
  /** The newest of the outbox. */
  messages: OutboxMessage[]
}

/** A project, or the reason why there is none to look at. */
export type Admission = { patient: Patient } | { patient: null; problem: Failure }

const askTimeoutMs = 5_000

/** The same project, in which nothing can be changed, not even by making a store that is not there. */
export function lookingOnly(call: Call): Call {
  const { store, keepers } = call
  return {
    ...call,
    readOnly: true,
    keepers: {
      ...keepers,
      start: async () => refuse('start a keeper'),
      deliver: async () => refuse('send messages'),
    },
    store: {
      ...store,
      write: async () => refuse('write to the store'),
      async read(work) {
        const found = await store.inspect(async (tables) => ({ value: await work(tables) }))
        return found?.seen
          ? found.seen.value
          : refuse('open a store that is not there or not sound')
      },
    },
  }
}

function refuse(what: string): never {
  throw new Failure({
    code: 'read_only',
    message: `gonogo doctor changes nothing, so it does not ${what}`,
    hint: 'gonogo list',
  })
}

/** Looks that several findings share, each taken once. */
export function sharedLooks(call: Call): Pick<Patient, 'ask' | 'records'> {
  const asked = new Map<string, Promise<Asked>>()
  let records: Promise<StoreInspection<Records> | null> | undefined
  return {
    ask(url) {
      const known = asked.get(url) ?? askNow(call, url)
      asked.set(url, known)
      return known
    },
    records: () => (records ??= lookUp(call)),
  }
}

async function askNow(call: Call, url: string): Promise<Asked> {
  const answer = await call.probe.get(url, { timeoutMs: askTimeoutMs, signal: call.signal })
  return { answer, at: call.runtime.now() }
}

const dayMs = 24 * 3_600_000

async function lookUp({ store, project, runtime }: Call): Promise<StoreInspection<Records> | null> {
  return await store.inspect(async (tables) => {
    const { deployments, reviewsOwed, callerTokens, tokenEvents, outbox } = tables
    const { rows, total } = await deployments.list({ limit: 1 })
    const { rows: underWay } = await deployments.list({ limit: 20, underWay: true })
    return {
      total,
      newest: rows[0] ?? null,
      underWay,
      locks: await locksOf(tables, project),
      reviews: await reviewsOwed.list({ limit: 100 }),
      callerTokens: await callerTokens.list(),
      exposed: await tokenEvents.list({ kind: 'exposed', since: 0 }),
      refused: await tokenEvents.list({ kind: 'refused', since: runtime.now() - dayMs }),
      messages: await outbox.list({ limit: 500 }),
    }
  })
}

async function locksOf({ locks }: Tables, { environments }: Call['project']): Promise<Lock[]> {
  const held: Lock[] = []
  for (const { name } of environments) {
    const lock = await locks.get(name)
    if (lock) held.push(lock)
  }
  return held
}
