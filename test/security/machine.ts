import type { Principal } from '../../src/core/principal.ts'
import type { Call, Context } from '../../src/ports/context.ts'
import { keep } from '../../src/workers/keeper.ts'
import { connect } from '../../src/wiring.ts'
import { runInProcess, type Written } from '../docs/in-process.ts'
import { mainFile } from '../support/clinic.ts'

/** gonogo on a machine of its own, in this process: a start of Node costs more than what is tried. */
export interface Machine {
  /** As each call of a server does: the configuration is read again. */
  open(): Promise<Context>
  call(context: Context, principal: Principal): Call
  /** A command, without a terminal. */
  gonogo(argv: readonly string[], options?: { env?: Variables; cwd?: string }): Promise<Written>
  /** Resolves once no keeper works any more. */
  settled(): Promise<void>
  close(): Promise<void>
}

type Variables = Record<string, string | undefined>

export interface MachineOptions {
  root: string
  env: Variables
  /** The files of a test are always within its reach: says that they are not, where that takes root. */
  outOfReach?: boolean
  /** How far its clock is behind. */
  behindMs?: number
}

export function startMachine(options: MachineOptions): Machine {
  const { root, env, outOfReach = false, behindMs = 0 } = options
  const shutdown = new AbortController()
  const opened: Context[] = []
  const keepers: Promise<unknown>[] = []
  const call: Machine['call'] = (context, principal) => ({
    ...context,
    principal,
    requestId: context.runtime.id('req'),
    waitMs: Infinity,
    signal: shutdown.signal,
    progress: () => undefined,
  })
  const adapt = (context: Context): Context => {
    opened.push(context)
    const runtime = { ...context.runtime, now: () => context.runtime.now() - behindMs }
    const placed = { ...context, ...(behindMs > 0 && { runtime }) }
    const own = outOfReach ? { ...placed, approvers: farAway(context) } : placed
    const start = async (id: string) => {
      const lease = { owner: await own.keepers.self(), ms: 15_000 }
      const keeper = call(own, { kind: 'automation', name: 'keeper' })
      keepers.push(keep(keeper, lease, id, () => undefined))
      return 'a keeper in this process'
    }
    return { ...own, keepers: { ...own.keepers, start } }
  }
  return {
    call,
    async open() {
      const command = [process.execPath, mainFile]
      const surroundings = { directory: root, cwd: root, env, command, readOnly: false }
      return adapt(await connect({ ...surroundings, terminal: false, shutdown: shutdown.signal }))
    },
    gonogo: (argv, more = {}) =>
      runInProcess(argv, { cwd: more.cwd ?? root, env: { ...env, ...more.env }, adapt }),
    async settled() {
      while (keepers.length > 0) await keepers.pop()
    },
    async close() {
      shutdown.abort()
      await Promise.allSettled(keepers)
      for (const context of opened) await context.store.close()
    },
  }
}

function farAway({ approvers }: Context): Context['approvers'] {
  return { ...approvers, outOfReach: async () => true, withinReach: async () => [] }
}
