import type { Environment } from '../../../core/project.ts'
import { sameName } from '../same-name.ts'
import type { Reading } from './deps.ts'
import type { DeploymentFacts, RunFacts } from './facts.ts'
import type { OwnRuns } from './own-runs.ts'
import type { ListedRun } from './read-runs.ts'
import { parseTitle } from './title.ts'

/** The most runs that are looked at although GitHub has no deployment of theirs. */
const most = 20

/**
 * Runs that may have deployed although GitHub has no deployment of theirs: our own ones, and those of
 * the workflow where the configuration names the job that deploys and no job names the environment.
 */
export function unrecordedRuns(
  { settings }: Reading,
  environment: Environment,
  known: {
    byRun: ReadonlyMap<string | null, DeploymentFacts[]>
    own: OwnRuns
    runs: ReadonlyMap<string, ListedRun>
  },
): string[] {
  const { byRun, own, runs } = known
  const started = [...own.byRun.values()].filter((one) => one.environment === environment.name)
  const newest = started.toSorted((left, right) => right.asked_at - left.asked_at).slice(0, most)
  const ids = newest.map(({ run_id }) => run_id!)
  const { job, workflow } = environment.github
  const recorded = [...byRun.values()].flat().some(({ job_id }) => job_id !== null)
  if (job !== null && !recorded) {
    const path = `.github/workflows/${workflow ?? settings.workflow}`
    const others = [...runs.values()].filter((run) => run.path.replace(/@.*$/, '') === path)
    ids.push(...others.slice(0, most).map(({ id }) => id))
  }
  return [...new Set(ids)].filter((id) => !byRun.has(id))
}

/** Whether such a run was about this environment: its title says so, or the job deploys nowhere else. */
export function isAbout(
  run: RunFacts,
  environment: Environment,
  environments: readonly Environment[],
): boolean {
  const title = run.event === 'workflow_dispatch' ? parseTitle(run.title) : null
  if (title) return sameName(title.environment, environment.github.environment)
  const { job, workflow } = environment.github
  const alike = environments.filter(
    ({ github }) => github.job === job && github.workflow === workflow,
  )
  return alike.length === 1
}
