import type { PlannedStep } from '../../core/plan.ts'
import type { Step } from '../../core/project.ts'
import type { Pipeline, RunOf } from '../../ports/pipeline.ts'
import { cancelRun } from './cancel-run.ts'
import type { LocalPipelineDeps } from './deps.ts'
import { findRun } from './find-run.ts'
import { readLog } from './read-log.ts'
import { currentRelease } from './release-directory.ts'
import { runDirectoryOf } from './run-directory.ts'
import { startRun } from './start-run.ts'
import { targetOf } from './target.ts'

/** Carries deployments out on this machine, each in a detached process of its own. */
export function createLocalPipeline(deps: LocalPipelineDeps): Pipeline {
  const directoryOf = ({ id }: RunOf) => runDirectoryOf(deps.stateDirectory, id, deps.runtime)
  return {
    kind: 'local',
    pace: { least: 500, most: 500 },
    describe: async ({ environment }) => {
      const { directory, prepare, activate } = targetOf(environment)
      const steps = [...planned('prepare', prepare), ...planned('activate', activate)]
      return { kind: 'local', target: directory, isolation: 'none', steps }
    },
    start: async (request) => startRun(directoryOf(request.deployment), request, deps),
    find: async (deployment) => findRun(directoryOf(deployment), deps.processes),
    cancel: async (deployment) => cancelRun(directoryOf(deployment), deps.processes),
    current: async (environment) => currentRelease(targetOf(environment).directory),
    log: async (deployment, options) => readLog(directoryOf(deployment).logFile, options),
  }
}

function planned(phase: PlannedStep['phase'], steps: readonly Step[]): PlannedStep[] {
  return steps.map(({ name, run }) => ({ phase, name, run }))
}
