import type { Processes } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Source } from '../../ports/source.ts'
import type { Variables } from '../../ports/variables.ts'

/** What the side that starts and watches runs needs. */
export interface LocalPipelineDeps {
  runtime: Runtime
  processes: Processes
  /** Absolute path; runs are kept in `runs/` below it. */
  stateDirectory: string
  /** Absolute path of the git repository releases are checked out from. */
  repository: string
  /** Starts a runner when a run's directory is appended. */
  runnerCommand: readonly string[]
  /** What started programs may see of gonogo's environment. */
  baseEnvironment: Readonly<Record<string, string>>
  /** gonogo's whole environment, from which an environment's `pass_env` names are taken. */
  ownEnvironment: Readonly<Record<string, string | undefined>>
}

/** What the process that carries a run out needs. No store: its run directory is all it knows. */
export interface LocalRunnerDeps {
  runtime: Runtime
  processes: Processes
  /** Of the repository the request names. */
  source: Pick<Source, 'export'>
  variables: Variables
  /** What steps may see of the runner's environment. */
  baseEnvironment: Readonly<Record<string, string>>
}
