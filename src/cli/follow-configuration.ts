import { canonicalJson } from '../core/canonical.ts'
import type { Context } from '../ports/context.ts'

/**
 * The project as it is configured now, for a process that outlives many edits of gonogo.yaml. Keepers read
 * the file when they start: a server that went on with an older one would plan what they refuse. Opening
 * touches no store, so doing it for every call costs a few milliseconds; as long as nothing changed, the
 * context stays the same one, with the work that calls join. A file that is broken now is an answer to
 * that call, and the next one tries again.
 */
export function followConfiguration(open: () => Promise<Context>): () => Promise<Context> {
  let known: Promise<Context | null> = Promise.resolve(null)
  return () => {
    const before = known
    const now = before.then(async (context) => current(context, await open()))
    known = now.catch(() => before)
    return now
  }
}

function current(before: Context | null, now: Context): Context {
  const same =
    before !== null &&
    before.callerToken === now.callerToken &&
    canonicalJson(before.project) === canonicalJson(now.project)
  return same ? before : now
}
