import { canonicalJson } from '../../../core/canonical.ts'
import { Failure, toFailure } from '../../../core/failure.ts'
import type { PlanAction } from '../../../core/plan.ts'
import type { Environment } from '../../../core/project.ts'
import { oneLine } from '../../../core/text.ts'
import type { Run, RunRequest } from '../../../ports/pipeline.ts'
import { awaitRun } from '../runs/await-run.ts'
import { isTitledFor } from '../runs/correlate.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { approvalText } from './approval-text.ts'
import { fileStep } from './describe.ts'
import { deployingJobs, examine } from './examine.ts'
import { prepareDispatch, type Prepared } from './prepare.ts'
import {
  recordFormat,
  type RunRecord,
  type RunRecords,
  type SentRecord,
} from '../runs/run-record.ts'
import { listDispatched } from '../runs/search-runs.ts'
import { runUrl } from '../web-pages.ts'

/**
 * Makes the run of a deployment exist, at most once: only the process that created the record sends, and
 * it sends once. Everybody else, and the same one after a crash, looks for the run and never sends.
 */
export async function startRun(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  request: RunRequest,
): Promise<Run> {
  const known = await records.read(request.deployment.id)
  if (known) return await resume(deps, records, known)
  const { prepared, targets } = await prepareRequest(deps, request)
  const body = await intentOf(deps, request, prepared, targets)
  if (!(await records.create(body))) {
    return await resume(deps, records, (await records.read(request.deployment.id))!)
  }
  deps.runtime.reached('github.intent-written')
  // Somebody sent it before and the record of that was lost: its run says whose it is.
  if (body.run_id !== null) return await resume(deps, records, { ...body, format: recordFormat })
  const sent = await send(deps, records, request.deployment.id, prepared)
  deps.runtime.reached('github.dispatched')
  return await resume(deps, records, sent)
}

/** A run whose existence is known or to be found out; nothing is sent any more. */
async function resume(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  record: RunRecord,
): Promise<Run> {
  if (!record.sent) throw notStarted(record.correlation_id, record.refused)
  const found = record.run_id === null ? await awaitRun(deps, records, record) : record
  return {
    run_id: found.run_id!,
    state: 'running',
    step: null,
    cause: null,
    logs_url: await runUrl(deps.client, found.run_id!),
    switched: false,
  }
}

function actionOf({ kind }: RunRequest['deployment']): PlanAction {
  if (kind === 'promotion') return 'promote'
  return kind === 'rollback' ? 'rollback' : 'deploy'
}

type Text = Pick<Prepared, 'file' | 'text'>

interface Ready {
  prepared: Prepared
  /** Titles of the jobs that deploy. */
  targets: string[]
}

/** What cannot be started is not tried again: the workflow is another one than when it was planned. */
async function prepareRequest(deps: GitHubPipelineDeps, request: RunRequest): Promise<Ready> {
  const { deployment, environment, consent } = request
  const intent = { action: actionOf(deployment), environment, release: deployment.release }
  try {
    const approval = consent && {
      text: await approvalText(deps, consent),
      id: consent.request.id,
    }
    const prepared = await prepareDispatch(deps, intent, { deploymentId: deployment.id, approval })
    requirePlanned(deps, request, prepared)
    const called: Text[] = []
    const targets = await targetTitles(deps, environment, prepared, (file, text) =>
      called.push({ file, text }),
    )
    for (const one of called) requirePlanned(deps, request, { ...one, ref: prepared.ref })
    return { prepared, targets }
  } catch (error) {
    const failure = toFailure(error)
    if (failure.retryable) throw failure
    throw notStarted(deployment.id, failure.message, failure.hint)
  }
}

/** What was approved is a run of this very text, and of those that it calls. */
function requirePlanned(
  deps: GitHubPipelineDeps,
  { planned }: RunRequest,
  { file, text, ref }: Text & Pick<Prepared, 'ref'>,
): void {
  const now = canonicalJson(fileStep(deps, file, text))
  if (planned === undefined || planned.steps.some((step) => canonicalJson(step) === now)) return
  throw new Failure({
    code: 'invalid_configuration',
    message: `${file} on ${oneLine(ref, 100)} changed after the plan was made`,
    hint: 'deploy again: the new plan is of the workflow as it is now',
  })
}

/** Everything that must be known to find the run, read before it is asked for. */
async function intentOf(
  deps: GitHubPipelineDeps,
  { deployment, environment }: RunRequest,
  prepared: Prepared,
  targets: string[],
): Promise<Omit<SentRecord, 'format'>> {
  const { client, runtime } = deps
  const { workflow, ref, refSha, plan } = prepared
  const login = await client.login()
  const before = await runsBefore(deps, deployment, prepared, login)
  return {
    correlation_id: deployment.id,
    sent: true,
    workflow,
    ref,
    ref_sha: refSha,
    environment: environment.name,
    github_environment: environment.github.environment,
    release: { sha: deployment.release.sha, version: deployment.release.version },
    carried_by: plan.carriedBy,
    titled: isTitled(prepared),
    login,
    ...before,
    asked_at_here: runtime.now(),
    target_jobs: targets,
    // What a called workflow names is not known here.
    unrecorded: prepared.parsed.jobs.every((job) => job.environment === null && job.uses === null),
    reported: null,
    report_problem: null,
    seen: null,
    given_up: null,
    cancel_asked_at: null,
    force_asked_at: null,
  }
}

/** What is there already: other runs, and perhaps this one, when the record of its start was lost. */
async function runsBefore(
  { client, runtime }: GitHubPipelineDeps,
  { id, created_at }: RunRequest['deployment'],
  { workflow, date }: Prepared,
  login: string | null,
): Promise<Pick<SentRecord, 'runs_before' | 'asked_at' | 'accepted' | 'run_id'>> {
  const before = await listDispatched(client, workflow, Math.min(date ?? Infinity, created_at))
  const own = before.runs.find((run) => isTitledFor(run, id, login))
  return {
    runs_before: before.runs.map((run) => run.id),
    asked_at: before.date ?? date ?? runtime.now(),
    accepted: own ? true : null,
    run_id: own?.id ?? null,
  }
}

/** Not knowing them stops nothing: GitHub's own deployments tell afterwards which job deployed. */
async function targetTitles(
  deps: GitHubPipelineDeps,
  environment: Environment,
  prepared: Prepared,
  onFile: (file: string, text: string) => void,
): Promise<string[]> {
  try {
    const report = await examine(deps, environment, prepared, onFile)
    return deployingJobs(report, environment).map(({ id, name }) => name ?? id)
  } catch (error) {
    if (toFailure(error).retryable) throw error
    return []
  }
}

/** Whether the title of the run holds the deployment's id, because `run-name` inserts an input with it. */
function isTitled({ parsed, plan }: Prepared): boolean {
  const title = parsed.runName?.text ?? ''
  return plan.idInputs.some((input) =>
    new RegExp(`inputs(?:\\.${input}\\b|\\['${input}'\\])`, 'i').test(title),
  )
}

/** Well before anybody gives up looking for the run of a record whose request may have been lost. */
const sendWithinMs = 30_000

/**
 * The record, if its request may still be sent. A process that stood still since it wrote it may have been
 * given up by another one, and the environment may be somebody else's by now.
 */
async function sendable(
  { runtime }: GitHubPipelineDeps,
  records: RunRecords,
  id: string,
): Promise<SentRecord> {
  const record = await records.read(id)
  if (!record?.sent) throw notStarted(id, 'its record is gone')
  if (record.given_up) throw notStarted(id, record.given_up.cause)
  if (runtime.now() - record.asked_at_here <= sendWithinMs) return record
  const cause =
    'gonogo stood still just before it would have asked GitHub, and did not ask any more'
  await records.update(record, { given_up: { code: 'run_not_started', cause } })
  throw notStarted(id, cause)
}

/** The one request. Its answer decides what is looked for, never whether to send again. */
async function send(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  id: string,
  { workflow, ref, plan }: Prepared,
): Promise<SentRecord> {
  const { client } = deps
  const record = await sendable(deps, records, id)
  try {
    const { data } = await client.send<{ workflow_run_id?: string } | undefined>(
      'POST',
      '/actions/workflows/{workflow_id}/dispatches',
      {
        workflow_id: workflow,
        ref,
        inputs: plan.inputs,
        // Other servers do not know it, and may refuse what they do not know.
        ...(client.host !== 'ghes' && { return_run_details: true }),
      },
    )
    const run_id = data?.workflow_run_id ?? null
    return await records.update(record, { accepted: true, run_id })
  } catch (error) {
    const failure = toFailure(error)
    if (failure.details['outcome'] !== 'refused') return record
    const cause = `GitHub refused to start ${workflow}: ${failure.message}`
    await records.update(record, { given_up: { code: 'run_not_started', cause } })
    throw notStarted(id, cause, failure.hint)
  }
}

function notStarted(id: string, cause: string, hint?: string): Failure {
  return new Failure({
    code: 'run_not_started',
    message: `no run of ${id} was started: ${cause}`,
    hint: hint ?? 'deploy again; gonogo doctor tells what GitHub lets this token do',
  })
}
