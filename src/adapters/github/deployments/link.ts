import { join } from 'node:path'
import { Failure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'
import type { Run } from '../../../ports/pipeline.ts'
import { createFile, readText } from '../files.ts'
import type { SentRecord } from '../runs/run-record.ts'
import type { HistoryDeps } from './deps.ts'
import { once } from './once.ts'
import { gonogoIn, linkIn, listDeployments, readStatuses } from './read-deployments.ts'

type LinkDeps = Pick<HistoryDeps, 'client' | 'stateDirectory' | 'runtime'>

/**
 * Makes GitHub's record of a deployment of ours, with its statuses, each at most once. Only for a
 * workflow whose jobs name no environment: a job that names one makes its record itself, and so may a
 * step, whose record is found and taken instead of making a second one. For whoever drives the
 * deployment, when the run's state has changed. Says why it could not be made, which keeps no deployment
 * from going on; null when nothing is wrong.
 */
export async function linkDeployment(
  deps: LinkDeps,
  record: SentRecord,
  run: Run,
): Promise<string | null> {
  try {
    await link(deps, record, run)
    return null
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return `GitHub's record of this deployment is missing: ${oneLine(error.message, 300)}`
  }
}

async function link(deps: LinkDeps, record: SentRecord, run: Run): Promise<void> {
  // Nothing is recorded of a run that has not deployed anything, and perhaps never will.
  if (!run.switched || (await isMade(deps, record, run))) return
  const id = await create(deps, record)
  const state = states[run.state]
  if (id !== null && state !== undefined) await report(deps, { record, run, id, state })
}

/** Whether a step of the run made one: its statuses link to the run. Ours do, too, and say whose they are. */
async function isMade(deps: LinkDeps, record: SentRecord, run: Run): Promise<boolean> {
  if ((await readText(linkFile(deps, record))) !== null) return true
  const shas = [record.release.sha, record.seen?.head_sha ?? record.ref_sha]
  const listed = await listDeployments(deps.client, record.github_environment)
  const others = listed.filter(({ sha, payload }) => shas.includes(sha) && !gonogoIn(payload))
  for (const { id } of others) {
    const { runId } = linkIn(await readStatuses(deps.client, id))
    if (runId !== run.run_id) continue
    await createFile(linkFile(deps, record), id, deps.runtime.id('tmp'))
    return true
  }
  return false
}

const states: Partial<Record<Run['state'], string>> = {
  running: 'in_progress',
  succeeded: 'success',
  failed: 'failure',
  cancelled: 'failure',
  lost: 'failure',
}

async function create(deps: LinkDeps, record: SentRecord): Promise<string | null> {
  const { client } = deps
  const { correlation_id, github_environment, release } = record
  return await once({
    ...changeOf(deps, record, 'deployment'),
    find: async () => {
      const listed = await listDeployments(client, github_environment)
      return listed.find(({ payload }) => gonogoIn(payload) === correlation_id)?.id ?? null
    },
    send: async () => {
      const { data } = await client.send<{ id: string }>('POST', '/deployments', {
        ref: release.sha,
        environment: github_environment,
        // GitHub would merge the default branch into it, and wait for every check there is.
        auto_merge: false,
        required_contexts: [],
        payload: { gonogo: correlation_id },
        description: oneLine(`${release.version} by gonogo (${correlation_id})`, 140),
      })
      return data.id
    },
  })
}

async function report(
  deps: LinkDeps,
  { record, run, id, state }: { record: SentRecord; run: Run; id: string; state: string },
): Promise<void> {
  const { client } = deps
  const made = async () => {
    const statuses = await readStatuses(client, id)
    return statuses.some((status) => status.state === state) ? state : null
  }
  await once({
    ...changeOf(deps, record, state),
    find: made,
    send: async () => {
      await client.send('POST', '/deployments/{deployment_id}/statuses', {
        deployment_id: id,
        state,
        log_url: run.logs_url,
        description: oneLine(run.cause ?? `gonogo: ${run.state}`, 140),
      })
      return state
    },
  })
}

function changeOf({ stateDirectory, runtime }: LinkDeps, record: SentRecord, what: string) {
  return {
    path: join(directoryOf(stateDirectory), `${record.correlation_id}.${what}`),
    now: runtime.now(),
    tag: () => runtime.id('tmp'),
  }
}

function linkFile({ stateDirectory }: LinkDeps, { correlation_id }: SentRecord): string {
  return join(directoryOf(stateDirectory), `${correlation_id}.found`)
}

function directoryOf(stateDirectory: string): string {
  return join(stateDirectory, 'github', 'deployments')
}
