import { minimalRepository, nodeId, repositoryPage, repositoryUrl, simpleUser } from '../views.ts'
import { latest, shortRef } from './engine.ts'
import type { Engine } from './engine.ts'
import type { Attempt, JobState, RunState } from './state.ts'
import type { WorkflowFile } from './workflow-files.ts'

/** A run as REST shows it, in its newest attempt or in an older one. */
export function runView({ core }: Engine, run: RunState, attempt: Attempt = latest(run)) {
  const base = `${repositoryUrl(core)}/actions/runs/${run.id}`
  const page = `${repositoryPage(core)}/actions/runs/${run.id}`
  const isLatest = attempt === latest(run)
  const before = `${base}/attempts/${attempt.number - 1}`
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId('WorkflowRun', run.id),
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    head_branch: shortRef(run.ref),
    head_sha: run.sha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    run_attempt: attempt.number,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: run.workflowId,
    url: isLatest ? base : `${base}/attempts/${attempt.number}`,
    html_url: isLatest ? page : `${page}/attempts/${attempt.number}`,
    pull_requests: [],
    created_at: core.clock.iso(run.createdAt),
    updated_at: core.clock.iso(run.updatedAt),
    run_started_at: core.clock.iso(attempt.startedAt),
    actor: simpleUser(core, run.actor),
    triggering_actor: simpleUser(core, attempt.actor),
    referenced_workflows: [],
    jobs_url: `${base}/jobs`,
    logs_url: `${base}/logs`,
    check_suite_url: `${repositoryUrl(core)}/check-suites/${run.id}`,
    artifacts_url: `${base}/artifacts`,
    cancel_url: `${base}/cancel`,
    rerun_url: `${base}/rerun`,
    previous_attempt_url: attempt.number > 1 ? before : null,
    workflow_url: `${repositoryUrl(core)}/actions/workflows/${run.workflowId}`,
    head_commit: commitView(run),
    repository: minimalRepository(core),
    head_repository: minimalRepository(core),
  }
}

function commitView({ sha, commit }: RunState) {
  const person = { name: commit.author, email: commit.email }
  return {
    id: sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.date,
    author: person,
    committer: person,
  }
}

export function jobView({ core }: Engine, run: RunState, job: JobState) {
  const base = `${repositoryUrl(core)}/actions`
  const time = (at: number | null) => (at === null ? null : core.clock.iso(at))
  const onRunner = job.steps.length > 0
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflow.name,
    head_branch: shortRef(run.ref),
    run_url: `${base}/runs/${run.id}`,
    run_attempt: job.attempt,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.sha,
    url: `${base}/jobs/${job.id}`,
    html_url: `${repositoryPage(core)}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: core.clock.iso(job.createdAt),
    started_at: core.clock.iso(job.startedAt),
    completed_at: time(job.completedAt),
    name: job.name,
    steps: job.steps.map((step) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: step.number,
      started_at: time(step.startedAt),
      completed_at: time(step.completedAt),
    })),
    check_run_url: `${repositoryUrl(core)}/check-runs/${job.checkRun ?? job.id}`,
    labels: [job.spec.runsOn].flat().map(String),
    runner_id: onRunner ? 1 : null,
    runner_name: onRunner ? 'stand-in 1' : null,
    runner_group_id: onRunner ? 0 : null,
    runner_group_name: onRunner ? 'GitHub Actions' : null,
  }
}

export function workflowView({ core }: Engine, file: WorkflowFile) {
  const page = repositoryPage(core)
  return {
    id: file.id,
    node_id: nodeId('Workflow', file.id),
    name: file.name,
    path: file.path,
    state: 'active',
    created_at: core.clock.iso(0),
    updated_at: core.clock.iso(0),
    url: `${repositoryUrl(core)}/actions/workflows/${file.id}`,
    html_url: `${page}/blob/HEAD/${file.path}`,
    badge_url: `${page}/workflows/${encodeURIComponent(file.name)}/badge.svg`,
  }
}
