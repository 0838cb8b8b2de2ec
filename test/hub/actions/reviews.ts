import type { HubEnvironment } from '../hub.ts'
import { environmentView, reviewerView } from '../environments.ts'
import { HubError, ok } from '../operation.ts'
import type { Caller, HubRequest, Operation } from '../operation.ts'
import { simpleUser } from '../views.ts'
import { deploymentView } from './deployment-views.ts'
import { reportDeployment } from './deployments.ts'
import { latest, runOf, touch } from './engine.ts'
import type { Engine } from './engine.ts'
import { finishJob, passGate } from './jobs.ts'
import type { Gate, JobState, RunState } from './state.ts'

const base = '/repos/{owner}/{repo}/actions/runs/{run_id}'

/** Reviews of jobs that wait for their environment. */
export function reviewOperations(engine: Engine): Operation[] {
  return [
    {
      method: 'GET',
      path: `${base}/pending_deployments`,
      permission: 'actions=read',
      handle: ({ params, caller }) => {
        const run = runOf(engine, params['run_id'])
        return ok([...gates(run).values()].map((gate) => gateView(engine, run, gate, caller)))
      },
    },
    {
      method: 'POST',
      path: `${base}/pending_deployments`,
      permission: 'deployments=write',
      handle: (request) => review(engine, runOf(engine, request.params['run_id']), request),
    },
    {
      method: 'GET',
      path: `${base}/approvals`,
      permission: 'actions=read',
      handle: ({ params }) => {
        const { approvals } = runOf(engine, params['run_id'])
        return ok(
          approvals.map(({ environments, state, login, comment }) => ({
            environments: environments.map((name) => briefly(engine, name)),
            state,
            user: simpleUser(engine.core, login),
            comment,
          })),
        )
      },
    },
  ]
}

/** What the run waits for, by environment. */
function gates(run: RunState): Map<string, Gate> {
  const waiting = latest(run).jobs.flatMap((job) =>
    job.waitingFor === null ? [] : [job.waitingFor],
  )
  return new Map(waiting.map((gate) => [gate.environment, gate]))
}

function gateView(engine: Engine, run: RunState, gate: Gate, caller: Caller) {
  const { core } = engine
  const settings = settingsOf(engine, gate.environment)
  const mayApprove = gate.needsReview && refusal(run, settings, caller) === null
  return {
    environment: briefly(engine, gate.environment),
    wait_timer: settings.waitMinutes,
    wait_timer_started_at: settings.waitMinutes > 0 ? core.clock.iso(gate.since) : null,
    current_user_can_approve: mayApprove,
    reviewers: settings.reviewers.map((reviewer) => reviewerView(core, reviewer)),
  }
}

function briefly({ core }: Engine, name: string) {
  const settings = core.settings.environments.get(name)
  if (settings === undefined) throw new Error(`environment ${name} is gone`)
  const { id, node_id, url, html_url } = environmentView(core, name, settings)
  return { id, node_id, name, url, html_url }
}

function settingsOf(engine: Engine, name: string): HubEnvironment {
  const settings = engine.core.settings.environments.get(name)
  if (settings === undefined) throw new Error(`environment ${name} is gone`)
  return settings
}

function review(engine: Engine, run: RunState, { body, caller }: HubRequest) {
  const ids = new Set((body['environment_ids'] as number[]).map(String))
  const state = body['state'] === 'approved' ? 'approved' : 'rejected'
  const jobs = latest(run).jobs.filter((job) => {
    const gate = job.waitingFor
    return gate?.needsReview === true && ids.has(String(briefly(engine, gate.environment).id))
  })
  const names = [...new Set(jobs.map((job) => job.waitingFor?.environment ?? ''))]
  if (jobs.length === 0) throw problem('No pending deployment requests to approve or reject')
  for (const name of names) {
    const refused = refusal(run, settingsOf(engine, name), caller)
    if (refused !== null) throw problem(refused)
  }
  run.approvals.push({
    environments: names,
    state,
    login: caller.login,
    comment: String(body['comment']),
  })
  touch(engine, run)
  for (const job of jobs) decide(engine, run, job, state)
  return ok(
    jobs.flatMap(({ deployment }) =>
      deployment === null ? [] : [deploymentView(engine, deployment)],
    ),
  )
}

function decide(
  engine: Engine,
  run: RunState,
  job: JobState,
  state: 'approved' | 'rejected',
): void {
  if (state === 'rejected') {
    job.logs = []
    finishJob(engine, run, job, 'failure')
    return
  }
  if (job.waitingFor !== null) job.waitingFor.needsReview = false
  reportDeployment(engine, run, job, 'pending')
  passGate(engine, run, job)
}

/** Why this login may not review; null when it may. */
function refusal(run: RunState, settings: HubEnvironment, caller: Caller): string | null {
  if (caller.kind === 'bot' || !settings.reviewers.includes(caller.login)) {
    return 'You are not a required reviewer of this environment'
  }
  const own = latest(run).actor === caller.login
  return settings.preventSelfReview && own
    ? 'You cannot review a deployment that you started: self-review is prevented'
    : null
}

function problem(message: string): HubError {
  return new HubError(422, message, { errors: [message] })
}
