import type { OutsidePlace } from '../../ports/audit-log.ts'
import { change, hasTable, look, type HeadDeps } from './head.ts'

/** How it went the last time something was taken out of the log's own files. */
export interface Outcome {
  kind: 'anchor' | 'stream'
  place: string
  /** Lines that a checkpoint covers; null for streams. */
  size: number | null
  problem: string | null
}

const table = `CREATE TABLE IF NOT EXISTS outside (
  place TEXT PRIMARY KEY, kind TEXT, size INTEGER, at INTEGER, problem TEXT
)`

/** Remembers outcomes for whoever asks how the log is kept. Not being able to harms nothing. */
export async function rememberOutcomes(
  deps: HeadDeps,
  outcomes: readonly Outcome[],
): Promise<void> {
  const at = deps.runtime.now()
  if (outcomes.length === 0) return
  await change(deps, (database) => {
    database.exec(table)
    // A place that failed still holds what it held before.
    const upsert = database.prepare(
      `INSERT INTO outside (place, kind, size, at, problem) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (place) DO UPDATE SET
         kind = excluded.kind, at = excluded.at, problem = excluded.problem,
         size = CASE WHEN excluded.problem IS NULL THEN excluded.size ELSE size END`,
    )
    for (const { kind, place, size, problem } of outcomes) {
      upsert.run(place, kind, problem === null ? size : null, at, problem)
    }
  }).catch(() => undefined)
}

export async function outcomesOf(deps: HeadDeps, kind: Outcome['kind']): Promise<OutsidePlace[]> {
  return look(
    deps,
    () => [],
    (database) => {
      if (!hasTable(database, 'outside')) return []
      const sql = 'SELECT place, at, size, problem FROM outside WHERE kind = ? ORDER BY place'
      return database
        .prepare(sql)
        .all(kind)
        .map((row) => ({ ...(row as unknown as OutsidePlace) }))
    },
  )
}
