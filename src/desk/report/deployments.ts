import type { Deployment } from '../../core/deployment.ts'
import type { Store } from '../../ports/store.ts'
import type { ReportWindow } from './window.ts'

/** How many rows, each with its plan, are held at a time. */
const pageSize = 100

/** Every deployment that was made in a stretch of time, newest first, a page at a time. */
export async function* deploymentsWithin(
  store: Store,
  { from, until }: ReportWindow,
): AsyncGenerator<Deployment> {
  let [before, limit] = [until, pageSize]
  let edge = new Set<string>()
  for (;;) {
    const filter = { from, until: before, limit }
    const { rows } = await store.read((tables) => tables.deployments.list(filter))
    const fresh = rows.filter(({ id }) => !edge.has(id))
    yield* fresh
    if (rows.length < limit) return
    // The page may have ended between two rows of the same millisecond: that one is read again.
    const last = rows.at(-1)!.created_at
    edge = new Set(rows.filter(({ created_at }) => created_at === last).map(({ id }) => id))
    if (last + 1 === before) limit *= 2
    else limit = pageSize
    before = last + 1
  }
}
