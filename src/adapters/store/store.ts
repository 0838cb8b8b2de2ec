import type { Runtime } from '../../ports/runtime.ts'
import type { Store } from '../../ports/store.ts'
import { createLazyConnections, type Connections } from './connections.ts'
import { storeFailure } from './failures.ts'
import { inspectStore } from './inspect.ts'
import { createTables } from './tables.ts'

/** Where the store is, whose rows it shows, and where its time comes from. */
export interface StoreOptions {
  /** The state directory; created when missing. */
  directory: string
  project: string
  runtime: Pick<Runtime, 'now' | 'sleep'>
}

/** The store of one project in SQLite. Nothing is touched before the first read or write. */
export function openStore({ directory, project, runtime }: StoreOptions): Store {
  const connections = createLazyConnections(directory, runtime)
  const running = new Set<Promise<unknown>>()

  const perform = <T>(act: (open: Connections) => Promise<T>): Promise<T> => {
    const work = connections.get().then(act)
    running.add(work)
    return translated(
      connections.file,
      work.finally(() => running.delete(work)),
    )
  }

  return {
    read: (work) =>
      perform(({ reader }) =>
        // A transaction, so that several queries see one state.
        reader
          .transaction()
          .setAccessMode('read only')
          .execute((transaction) => work(createTables(transaction, project))),
      ),
    write: (work) =>
      perform(({ writer }) =>
        writer.transaction().execute((transaction) => work(createTables(transaction, project))),
      ),
    inspect: (work) =>
      translated(
        connections.file,
        inspectStore(connections.file, runtime, (db) => work(createTables(db, project))),
      ),
    async close() {
      await Promise.allSettled(running)
      await connections.close()
    },
  }
}

/** The same, with SQLite's errors in the words of those who have to act on them. */
async function translated<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw storeFailure(error, file)
  }
}
