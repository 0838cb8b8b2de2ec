import { setFlagsFromString } from 'node:v8'
import type { RawStmt } from 'libpg-query'

/** Postgres' own parser; throws what it complains about. Positions are bytes of UTF-8. */
export type Parse = (text: string) => RawStmt[]

/**
 * More than this, and the parser may run out of stack, after which it is no longer to be trusted: it was seen
 * to do so from 4,400 on.
 */
export const deepest = 3000

/**
 * Loaded when there is SQL to read: it is a WebAssembly module of its own. Optimising its one huge function
 * takes V8 600 MB and most of a second, and gains nothing on the few thousand statements there are: both
 * flags are needed, since without the second V8 optimises what runs often, and without the first everything.
 */
export async function loadParser(): Promise<Parse> {
  setFlagsFromString('--no-wasm-dynamic-tiering')
  setFlagsFromString('--no-wasm-tier-up')
  const { SqlError, loadModule, parseSync } = await import('libpg-query')
  await loadModule()
  let failure: unknown = null
  return (text) => {
    if (failure !== null) throw failure
    try {
      return parseSync(text).stmts ?? []
    } catch (error) {
      if (!(error instanceof SqlError)) failure = error
      throw error
    }
  }
}
