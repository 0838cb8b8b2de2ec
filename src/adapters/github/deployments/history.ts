import type { ObservedDeployment } from '../../../core/observed.ts'
import type { SentRecord } from '../runs/run-record.ts'
import type { HistoryDeps, Reading } from './deps.ts'
import { environmentHistory } from './environment-history.ts'
import { keepMemory, readMemory } from './memory.ts'
import { ownRuns } from './own-runs.ts'
import { forEach } from './parallel.ts'
import { listRuns } from './read-runs.ts'
import { readTags } from './tags.ts'

/** A deployment as GitHub's records tell it: somebody else's, or the one our own record is about. */
export interface HistoryEntry extends ObservedDeployment {
  own: SentRecord | null
}

/** What was deployed to the configured environments, newest first. */
export type History = () => Promise<HistoryEntry[]>

/** Several questions of one moment (a list, and what each environment runs) are one reading. */
const momentMs = 1000

/**
 * GitHub's deployments joined with the runs of the configured workflow and with our own records of runs.
 * Deployments that are over are read once.
 */
export function createHistory(deps: HistoryDeps): History {
  let last: { at: number; entries: Promise<HistoryEntry[]> } | null = null
  return () => {
    const now = deps.runtime.now()
    if (last === null || now - last.at >= momentMs) last = { at: now, entries: readHistory(deps) }
    return last.entries
  }
}

async function readHistory(deps: HistoryDeps): Promise<HistoryEntry[]> {
  const reading: Reading = { ...deps, memory: await readMemory(deps.stateDirectory) }
  try {
    return await historyOf(reading)
  } finally {
    await keepMemory(deps.stateDirectory, reading.memory, deps.runtime.id('tmp'))
  }
}

async function historyOf(reading: Reading): Promise<HistoryEntry[]> {
  const { settings, client, environments, stateDirectory, runtime } = reading
  const workflows = environments.map(({ github }) => github.workflow ?? settings.workflow)
  const [own, tags, listed] = await Promise.all([
    ownRuns(stateDirectory, runtime),
    readTags(client),
    forEach([...new Set(workflows)], (workflow) => listRuns(reading, workflow)),
  ])
  const runs = new Map(listed.flat().map((run) => [run.id, run]))
  const found = await forEach(environments, (environment) =>
    environmentHistory(reading, { environment, own, tags, runs }),
  )
  return found.flat().toSorted((left, right) => right.created_at - left.created_at)
}
