import { HubError, notFound, ok, page } from '../operation.ts'
import type { HubAnswer, HubRequest, Operation } from '../operation.ts'
import { latest, runOf, shortRef } from './engine.ts'
import type { Engine } from './engine.ts'
import { jobView, runView, workflowView } from './run-views.ts'
import { cancelRun, rerun } from './runs.ts'
import type { Attempt, RunState } from './state.ts'
import { workflowFile, workflowFiles } from './workflow-files.ts'

const base = '/repos/{owner}/{repo}/actions'

export function runOperations(engine: Engine): Operation[] {
  return [...reads(engine), ...changes(engine)]
}

function reads(engine: Engine): Operation[] {
  return [
    get('/workflows', async (request) => {
      const files = await workflowFiles(engine)
      return page(
        request,
        files.map((file) => workflowView(engine, file)),
        'workflows',
      )
    }),
    get('/workflows/{workflow_id}', async ({ params }) => {
      const file = await workflowFile(engine, params['workflow_id'] ?? '')
      if (file === null) throw notFound()
      return ok(workflowView(engine, file))
    }),
    get('/workflows/{workflow_id}/runs', async (request) => {
      const file = await workflowFile(engine, request.params['workflow_id'] ?? '')
      if (file === null) throw notFound()
      return listRuns(engine, request, (run) => run.workflowId === file.id)
    }),
    get('/runs', (request) => listRuns(engine, request, () => true)),
    get('/runs/{run_id}', ({ params }) => ok(runView(engine, runOf(engine, params['run_id'])))),
    get('/runs/{run_id}/attempts/{attempt_number}', ({ params }) => {
      const run = runOf(engine, params['run_id'])
      return ok(runView(engine, run, attemptOf(run, params['attempt_number'])))
    }),
    get('/runs/{run_id}/jobs', (request) => {
      const run = runOf(engine, request.params['run_id'])
      const all = request.query.get('filter') === 'all'
      return listJobs(engine, request, run, all ? run.attempts : [latest(run)])
    }),
    get('/runs/{run_id}/attempts/{attempt_number}/jobs', (request) => {
      const run = runOf(engine, request.params['run_id'])
      const attempt = attemptOf(run, request.params['attempt_number'])
      return listJobs(engine, request, run, [attempt])
    }),
    get('/jobs/{job_id}', ({ params }) => {
      const { run, job } = jobNamed(engine, params['job_id'])
      return ok(jobView(engine, run, job))
    }),
  ]
}

function get(path: string, handle: Operation['handle']): Operation {
  return { method: 'GET', path: base + path, permission: 'actions=read', handle }
}

function changes(engine: Engine): Operation[] {
  const post = (
    path: string,
    act: (run: RunState, request: HubRequest) => HubAnswer,
  ): Operation => ({
    method: 'POST',
    path: `${base}/runs/{run_id}${path}`,
    permission: 'actions=write',
    handle: (request) => act(runOf(engine, request.params['run_id']), request),
  })
  const cancel = (run: RunState, force: boolean) => {
    if (latest(run).status === 'completed') {
      throw new HubError(409, 'Cannot cancel a workflow run that is completed.')
    }
    cancelRun(engine, run, { force })
    return { status: 202, body: {} }
  }
  const again = (run: RunState, request: HubRequest, what: 'all' | 'failed') => {
    rerun(engine, run, request.caller.login, what)
    return { status: 201, body: {} }
  }
  return [
    post('/cancel', (run) => cancel(run, false)),
    post('/force-cancel', (run) => cancel(run, true)),
    post('/rerun', (run, request) => again(run, request, 'all')),
    post('/rerun-failed-jobs', (run, request) => again(run, request, 'failed')),
  ]
}

export function attemptOf(run: RunState, number: string | undefined): Attempt {
  const attempt = run.attempts.find((each) => String(each.number) === number)
  if (attempt === undefined) throw notFound()
  return attempt
}

export function jobNamed(engine: Engine, id: string | undefined) {
  for (const run of engine.runs) {
    const jobs = run.attempts.flatMap((attempt) => attempt.jobs)
    const job = jobs.find((each) => String(each.id) === id)
    if (job !== undefined) return { run, job }
  }
  throw notFound()
}

function listJobs(
  engine: Engine,
  request: HubRequest,
  run: RunState,
  attempts: Attempt[],
): HubAnswer {
  const jobs = attempts.flatMap((attempt) => attempt.jobs)
  return page(
    request,
    jobs.map((job) => jobView(engine, run, job)),
    'jobs',
  )
}

/** A search with filters gives a thousand at most. */
const searchCap = 1000

function listRuns(
  engine: Engine,
  request: HubRequest,
  isWanted: (run: RunState) => boolean,
): HubAnswer {
  const { query } = request
  const now = engine.core.clock.now()
  const filters = {
    actor: (run: RunState) => run.actor,
    branch: (run: RunState) => shortRef(run.ref),
    event: (run: RunState) => run.event,
    head_sha: (run: RunState) => run.sha,
    check_suite_id: (run: RunState) => String(run.id),
  }
  const runs = engine.runs
    .filter((run) => isWanted(run) && run.hiddenUntil <= now)
    .filter((run) =>
      Object.entries(filters).every(
        ([name, of]) => !query.has(name) || query.get(name) === of(run),
      ),
    )
    .filter((run) => hasStatus(run, query.get('status')))
    .filter((run) => isCreated(run.createdAt, query.get('created')))
    .toReversed()
  const filtered = ['actor', 'branch', 'event', 'head_sha', 'status', 'created'].some((name) =>
    query.has(name),
  )
  const shown = filtered ? runs.slice(0, searchCap) : runs
  return page(
    request,
    shown.map((run) => runView(engine, run)),
    'workflow_runs',
  )
}

/** One filter for both what a run does and how it ended. */
function hasStatus(run: RunState, wanted: string | null): boolean {
  const { status, conclusion } = latest(run)
  return wanted === null || wanted === status || wanted === conclusion
}

/** `>=TIME`, `<TIME`, `TIME..TIME`, `*..TIME` or a day, to the second. */
function isCreated(created: number, wanted: string | null): boolean {
  if (wanted === null) return true
  const at = Math.floor(created / 1000)
  const [, operator, time = ''] = /^(>=|<=|>|<)(.+)$/.exec(wanted) ?? []
  if (operator === '>=') return at >= second(time)
  if (operator === '<=') return at <= second(time)
  if (operator === '>') return at > second(time)
  if (operator === '<') return at < second(time)
  const [from = '*', to = from.length > 10 ? from : `${from}T23:59:59Z`] = wanted.split('..')
  return (from === '*' || at >= second(from)) && (to === '*' || at <= second(to))
}

function second(text: string): number {
  return Math.floor(Date.parse(text) / 1000)
}
