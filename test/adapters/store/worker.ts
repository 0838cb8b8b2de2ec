/** What the tests have other processes do to a store; commands and answers travel over IPC. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../src/adapters/store/store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { deployment, lock, runtime } from './rows.ts'

export interface Command {
  id: number
  name: keyof typeof commands
  directory: string
  /** Who does it: an environment or a lease owner. */
  who: string
  times: number
}

export type Answer = { id: number; result: unknown } | { id: number; error: string }

const commands = {
  create: (store: Store, { who }: Command) => store.write(({ locks }) => locks.take(lock(who))),

  /** Reads and then writes in one transaction, which deferred transactions fail at. */
  async increment(store: Store, { times }: Command) {
    for (let done = 0; done < times; done++) {
      await store.write(async ({ deployments }) => {
        const row = await deployments.get('dep_1')
        await deployments.update('dep_1', row!.fence, { attempt: row!.attempt + 1 })
      })
    }
  },

  async claimAll(store: Store, { who }: Command) {
    const claimed: string[] = []
    for (;;) {
      // Another owner each time: an owner may claim its own row again.
      const owner = `${who}, claim ${claimed.length}`
      const row = await store.write(({ deployments }) =>
        deployments.claim({ owner, now: 1_000, until: 2_000 }),
      )
      if (!row) return claimed
      claimed.push(row.id)
      // A turn of the loop for the others: SQLite's lock is not a fair one.
      await sleep(1)
    }
  },

  async stopInside(store: Store) {
    await store.write(async ({ deployments, locks }) => {
      await deployments.insert(deployment('dep_2'))
      await locks.release('production', 'dep_1')
      process.send?.({ id: 0, result: 'inside' } satisfies Answer)
      await new Promise(() => {})
    })
  },
}

async function obey(command: Command): Promise<Answer> {
  const { id, name, directory } = command
  const store = openStore({ directory, project: 'clinic', runtime })
  try {
    return { id, result: (await commands[name](store, command)) ?? null }
  } catch (error) {
    return { id, error: String(error) }
  } finally {
    await store.close()
  }
}

process.on('message', (command: Command) => {
  void obey(command).then((answer) => process.send?.(answer))
})
