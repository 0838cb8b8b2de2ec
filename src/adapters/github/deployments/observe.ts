import { unknownRelease, type ObservedDeployment } from '../../../core/observed.ts'
import type { Environment } from '../../../core/project.ts'
import type { Release } from '../../../core/release.ts'
import type { History, HistoryEntry } from './history.ts'

/** Deployments of the configured environments that this gonogo did not start, newest first. */
export async function observeDeployments(history: History): Promise<ObservedDeployment[]> {
  const entries = await history()
  return entries.flatMap(({ own, ...observed }) => (own === null ? [observed] : []))
}

/**
 * The release that was put into an environment last, whoever put it there; null when nothing was. It is
 * unknown when the last success does not say what it deployed, and after one that failed or was cancelled
 * when its job had begun: an older one is not what runs.
 */
export async function currentRelease(
  history: History,
  { name }: Environment,
): Promise<Release | null> {
  const ended = (await history()).filter(
    ({ environment, status, changed }) =>
      environment === name && (status === 'success' || (changed && isLost(status))),
  )
  const [newest] = ended.toSorted((left, right) => endOf(right) - endOf(left))
  if (newest === undefined) return null
  return newest.status === 'success' ? (newest.release ?? unknownRelease) : unknownRelease
}

function isLost(status: HistoryEntry['status']): boolean {
  return status === 'failure' || status === 'cancelled'
}

function endOf({ completed_at, created_at }: HistoryEntry): number {
  return completed_at ?? created_at
}
