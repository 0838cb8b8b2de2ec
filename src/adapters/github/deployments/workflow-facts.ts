import { readRepositoryFile } from '../repository-file.ts'
import { sameName } from '../same-name.ts'
import type { DeclaredInput, Job } from '../workflow/model.ts'
import { targetJobs } from '../runs/target-job.ts'
import { readWorkflow } from '../workflow/read-workflow.ts'
import type { Reading } from './deps.ts'
import type { DeployJob, RunFacts, WorkflowFacts } from './facts.ts'
import type { Finishing } from './outcome.ts'

/** The workflow as it was when the run was made; null when GitHub does not have that text any more. */
export async function workflowOf(
  { client, memory }: Reading,
  { path, head_sha }: RunFacts,
): Promise<WorkflowFacts | null> {
  const key = `${head_sha}:${path}`
  const known = memory.workflows.get(key)
  if (known !== undefined) return known
  const text = await readRepositoryFile(client, path, head_sha)
  const facts = text === null ? null : workflowFacts(path, text)
  memory.workflows.set(key, facts)
  return facts
}

function workflowFacts(path: string, text: string): WorkflowFacts {
  const { inputs, jobs } = readWorkflow(path, text)
  return {
    version_inputs: inputs.filter(maySayWhat).map(({ name }) => name),
    jobs: jobs.filter(({ environment }) => environment !== null).map(deployJob),
    titles: Object.fromEntries(
      jobs.flatMap(({ id, name }) => (name && !isExpression(name.text) ? [[id, name.text]] : [])),
    ),
  }
}

/** Inputs that everybody names alike and that never say what is deployed. */
const aside =
  /^(?:environment|env|stage|deployment_?id|correlation_?id|approval(?:_?id)?|action|reason|comment|message|note|description|requested_?by|log_?level|debug|dry_?run|skip_.*)$/i

/** A free text may say which commit is deployed, and a choice may when its name says so. */
function maySayWhat({ name, type }: DeclaredInput): boolean {
  if (type === 'choice') return /version|release|commit|sha|ref|tag|branch|image/i.test(name)
  return type === 'string' && !aside.test(name.replaceAll('-', '_'))
}

function deployJob({ id, name, environment, needs }: Job): DeployJob {
  const title = name?.text ?? id
  const place = environment!.name.text
  return {
    id,
    title: isExpression(title) ? null : title,
    environment: isExpression(place) ? null : place,
    needs: needs.map(({ text }) => text),
  }
}

function isExpression(text: string): boolean {
  return text.includes('${{')
}

/** The title of a job that the configuration names, by its id or by its title. */
export async function titleOf(reading: Reading, run: RunFacts, job: string): Promise<string> {
  if (targetJobs(run.jobs, [job]).length > 0) return job
  const facts = await workflowOf(reading, run)
  return facts && Object.hasOwn(facts.titles, job) ? facts.titles[job]! : job
}

/**
 * Titles of the jobs that finish a deployment to this environment: those that name it, without the ones
 * that others of them wait for (migrations before the deployment itself). Null when that cannot be said.
 */
export function finishingJobs(facts: WorkflowFacts | null, environment: string): Finishing | null {
  const jobs = facts?.jobs.filter(
    (job) => job.environment === null || sameName(job.environment, environment),
  )
  if (!jobs || jobs.length === 0) return null
  const last = jobs.filter(({ id }) => !jobs.some(({ needs }) => needs.includes(id)))
  const titles = last.map(({ title }) => title)
  const known = titles.length > 0 && titles.every((title) => title !== null)
  return known ? { titles, all: false } : null
}
