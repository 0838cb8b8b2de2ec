import type { GitHubPipelineDeps } from '../deps.ts'
import type { Memory } from './memory.ts'

/** What it takes to read what was deployed. */
export type HistoryDeps = Pick<
  GitHubPipelineDeps,
  'client' | 'settings' | 'environments' | 'stateDirectory' | 'runtime'
>

/** The same while one reading goes on. */
export interface Reading extends HistoryDeps {
  memory: Memory
}
