import type { HubActions } from '../hub.ts'
import type { HubCore, Operation } from '../operation.ts'
import { deploymentOperations } from './deployment-operations.ts'
import { dispatchOperations } from './dispatch.ts'
import { createEngine, latest, runOf } from './engine.ts'
import type { Engine } from './engine.ts'
import { artifactOperations, uploadArtifact } from './artifacts.ts'
import { advanceGraph } from './graph.ts'
import { logOperations } from './logs.ts'
import { reviewOperations } from './reviews.ts'
import { runOperations } from './run-operations.ts'
import { rerun, settleRun } from './runs.ts'
import type { RunState } from './state.ts'
import { startByHand } from './user-start.ts'

/** Actions and deployments of the stand-in: what REST offers, and what people do in a browser. */
export function createActions(core: HubCore): { operations: Operation[]; actions: HubActions } {
  const engine = createEngine(core, advance)
  core.onClose(async () => {
    for (const job of engine.runs.flatMap((run) => latest(run).jobs)) job.abort.abort()
    await Promise.allSettled(engine.executions)
  })
  return {
    operations: [
      ...dispatchOperations(engine),
      ...runOperations(engine),
      ...logOperations(engine),
      ...artifactOperations(engine),
      ...reviewOperations(engine),
      ...deploymentOperations(engine),
    ],
    actions: {
      start: (options) => startByHand(engine, options),
      async rerun(runId, login) {
        rerun(engine, runOf(engine, runId), login, 'all')
      },
      expireLogs(runId) {
        runOf(engine, runId).logsExpired = true
      },
      upload: (runId, name, content) => uploadArtifact(engine, runOf(engine, runId), name, content),
      expireArtifacts(runId) {
        for (const artifact of runOf(engine, runId).artifacts) artifact.expired = true
      },
    },
  }
}

function advance(engine: Engine, run: RunState): void {
  const { status, graph } = latest(run)
  if (status === 'completed' || status === 'pending') return
  advanceGraph(engine, run, graph)
  settleRun(engine, run)
}
