import type { PlannedStep } from '../../core/plan.ts'
import type { Step } from '../../core/project.ts'
import type { Pipeline } from '../../ports/pipeline.ts'
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
  const directoryOf = (correlationId: string) =>
    runDirectoryOf(deps.stateDirectory, correlationId, deps.runtime)
  return {
    kind: 'local',
    describe(environment) {
      const { directory, prepare, activate } = targetOf(environment)
      const steps = [...planned('prepare', prepare), ...planned('activate', activate)]
      return { kind: 'local', target: directory, isolation: 'none', steps }
    },
    start: async (request) => startRun(directoryOf(request.correlation_id), request, deps),
    find: async (correlationId) => findRun(directoryOf(correlationId), deps.processes),
    cancel: async (correlationId) => cancelRun(directoryOf(correlationId), deps.processes),
    current: async (environment) => currentRelease(targetOf(environment).directory),
    log: async (correlationId, options) => readLog(directoryOf(correlationId).logFile, options),
  }
}

function planned(phase: PlannedStep['phase'], steps: readonly Step[]): PlannedStep[] {
  return steps.map(({ name, run }) => ({ phase, name, run }))
}
