import type { Pipeline, Run } from '../../ports/pipeline.ts'
import { createAnchors } from './anchors/anchors.ts'
import { cancelRun } from './runs/cancel-run.ts'
import { readChanges } from './changes.ts'
import { createHistory } from './deployments/history.ts'
import { linkDeployment } from './deployments/link.ts'
import { currentRelease, observeDeployments } from './deployments/observe.ts'
import type { GitHubPipelineDeps } from './deps.ts'
import { describeDispatch, prepareIntent } from './dispatch/describe.ts'
import { examine } from './dispatch/examine.ts'
import { findRun, knownRun, runIdOf } from './runs/find-run.ts'
import { createPlatformLock } from './lock/lock.ts'
import { readRunLog } from './logs/run-log.ts'
import { createReviews } from './reviews.ts'
import { clockAhead } from './clock.ts'
import { readHoldings } from './holdings.ts'
import { platformFacts } from './platform.ts'
import { readProtection } from './protection.ts'
import { createRunRecords, waitedFor, type RunRecords } from './runs/run-record.ts'
import { startRun } from './dispatch/start-run.ts'

/** Carries deployments out on GitHub Actions, by starting a workflow that the repository has. */
export function createGitHubPipeline(deps: GitHubPipelineDeps): Pipeline {
  const { client, stateDirectory, runtime } = deps
  const records = createRunRecords(stateDirectory, runtime)
  const history = createHistory(deps)
  const anchors = createAnchors(deps)
  return {
    kind: 'github',
    pace: { least: 2000, most: 30_000 },
    describe: (intent) => describeDispatch(deps, intent),
    preflight: async (intent) =>
      examine(deps, intent.environment, await prepareIntent(deps, intent)),
    start: (request) => startRun(deps, records, request),
    find: (deployment) => findRun(deps, records, deployment),
    cancel: (deployment) => cancelRun(deps, records, deployment),
    report: ({ id }, run) => reportRun(deps, records, id, run),
    current: (environment) => currentRelease(history, environment),
    observed: () => observeDeployments(history),
    platform: () => platformFacts(deps),
    variables: (environment) => readHoldings(client, environment),
    protection: (environment) => readProtection(client, environment),
    changes: (base, head, signal) => readChanges(client, { base, head, signal }),
    clockAhead: () => clockAhead(deps),
    reviews: createReviews(client, {
      runIdOf: (deployment) => runIdOf(records, deployment),
      waited: ({ id }) => waitedFor(records, id),
    }),
    ...(deps.settings.lock !== 'off' && { lock: createPlatformLock(deps) }),
    ...(anchors && { anchors }),
    async log(deployment, options) {
      const record = await records.read(deployment.id)
      const runId = await runIdOf(records, deployment)
      if (runId === null) return { text: '', cursor: options?.cursor ?? 0 }
      const known = knownRun(deps, deployment, runId, record?.sent ? record : null)
      return await readRunLog(deps, known, options)
    },
  }
}

async function reportRun(deps: GitHubPipelineDeps, records: RunRecords, id: string, run: Run) {
  const record = await records.read(id)
  const state = `${run.state} ${run.switched}`
  if (!record?.sent || !record.unrecorded || record.reported === state) return
  const report_problem = await linkDeployment(deps, record, run)
  await records.update(record, { reported: state, report_problem })
}
