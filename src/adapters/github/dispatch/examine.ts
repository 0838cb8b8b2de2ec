import type { PreflightJob, PreflightReport } from '../../../core/preflight.ts'
import type { Environment } from '../../../core/project.ts'
import { readEnvironments } from '../deployments/environments.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import type { Prepared } from './prepare.ts'
import { readRepositoryFile } from '../repository-file.ts'
import { sameName } from '../same-name.ts'
import { readVariables } from './variables.ts'
import { isOfJob } from '../workflow/job-id.ts'

/** What starting it with exactly these inputs would do. `onFile` is told what else of the repository decides. */
export async function examine(
  { client, preflighter }: GitHubPipelineDeps,
  { github }: Environment,
  prepared: Prepared,
  onFile: (path: string, text: string) => void = () => undefined,
): Promise<PreflightReport> {
  const { file, text, plan, fullRef, refSha, defaultBranch } = prepared
  const [{ owner, name }, actor, environments, variables] = await Promise.all([
    client.repository(),
    client.login(),
    readEnvironments(client),
    readVariables(client, prepared.inOrganization),
  ])
  return await preflighter.examine({
    file,
    text,
    async readFile(path) {
      const called = await readRepositoryFile(client, path, refSha)
      if (called !== null) onFile(path, called)
      return called
    },
    event: 'workflow_dispatch',
    inputs: plan.inputs,
    ref: fullRef,
    repository: `${owner}/${name}`,
    environment: github.environment,
    job: github.job,
    defaultBranch,
    actor,
    ...(environments && { environments }),
    ...(variables && { variables }),
  })
}

/** The jobs whose outcome is the deployment's: those configured, else those of the environment. */
export function deployingJobs({ jobs }: PreflightReport, { github }: Environment): PreflightJob[] {
  const { job, environment } = github
  if (job !== null) return jobs.filter(({ id }) => isOfJob(id, job))
  const named = jobs.filter((one) => sameName(one.environment, environment))
  const running = named.filter(({ runs }) => runs !== false)
  return running.length > 0 ? running : named
}
