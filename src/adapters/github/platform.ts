import { Failure } from '../../core/failure.ts'
import type { Environment, GitHubSettings, Project } from '../../core/project.ts'
import type { PlatformFacts, WorkflowFact } from '../../ports/platform.ts'
import type { PlatformEnvironment } from '../../ports/preflighter.ts'
import type { Runtime } from '../../ports/runtime.ts'
import {
  readingAbilities,
  writingAbilities,
  type RepositoryView,
  type Wanted,
} from './abilities.ts'
import type { GitHubClient } from './client/github-client.ts'
import { readEnvironments } from './deployments/environments.ts'
import { readRepository } from './repository-view.ts'
import { sameName } from './same-name.ts'

export interface PlatformDeps {
  client: GitHubClient
  settings: Pick<GitHubSettings, 'workflow' | 'lock'>
  project: Pick<Project, 'approvals' | 'audit'>
  environments: readonly Environment[]
  runtime: Pick<Runtime, 'now'>
}

/** Looks at what GitHub lets us see. Fails when not even the repository can be seen. */
export async function platformFacts(deps: PlatformDeps): Promise<PlatformFacts> {
  const { client, runtime } = deps
  const { owner, name } = await client.repository()
  const repository = await readRepository<RepositoryView>(client)
  const seenAt = runtime.now()
  const environments = await readEnvironments(client)
  const [login, reading, limit, workflows] = await Promise.all([
    client.login(),
    readingAbilities(
      client,
      {
        ref: repository.data.default_branch,
        environment_name: knownEnvironment(deps, environments),
      },
      wantedOf(deps),
    ),
    limitOf(client),
    Promise.all(workflowFiles(deps).map((file) => workflowFact(client, file))),
  ])
  return {
    name: `${owner}/${name} on ${client.webUrl}`,
    identity: {
      login,
      source: repository.token?.source ?? 'unknown credentials',
      expires_at: repository.token?.expires_at ?? null,
    },
    abilities: [...reading, ...writingAbilities(repository, wantedOf(deps))],
    limit,
    clock_ahead_ms: repository.date === null ? null : repository.date - seenAt,
    workflows,
    environments,
  }
}

function wantedOf({ settings, project }: PlatformDeps): Wanted {
  const locks = settings.lock !== 'off' || project.audit.anchors.git_ref !== null
  const refs = settings.lock === 'required' ? 'required' : locks ? 'optional' : 'no'
  return { issues: project.approvals.github === 'issues', refs }
}

/** The last configured environment that is there: whether one can be looked into needs one. */
function knownEnvironment(
  { environments }: PlatformDeps,
  seen: readonly PlatformEnvironment[] | null,
): string | null {
  const names = environments.map(({ github }) => github.environment)
  const known = names.filter((name) => seen?.some((one) => sameName(one.name, name)))
  return known.at(-1) ?? null
}

interface RateLimit {
  resources: { core: { limit: number; remaining: number; reset: number } }
}

/** Asking costs nothing. Where no limit is enforced there is nothing to ask. */
async function limitOf(client: GitHubClient): Promise<PlatformFacts['limit']> {
  const answer = await client.find<RateLimit>('GET /rate_limit')
  if (answer === null) return null
  const { limit, remaining, reset } = answer.data.resources.core
  return { left: remaining, of: limit, resets_at: reset * 1000 }
}

function workflowFiles({ settings, environments }: PlatformDeps): string[] {
  const files = environments.map(({ github }) => github.workflow ?? settings.workflow)
  return [...new Set(files)]
}

/** GitHub knows a workflow once its file is on the default branch: only then it can be started. */
async function workflowFact(client: GitHubClient, file: string): Promise<WorkflowFact> {
  try {
    const route = '/actions/workflows/{file}'
    const answer = await client.find<{ state?: string }>(route, { file })
    const state = answer?.data.state
    if (state === undefined) return { file, state: 'missing', problem: null }
    if (state === 'active') return { file, state: 'ready', problem: null }
    return { file, state: 'disabled', problem: state }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { file, state: 'unknown', problem: error.message }
  }
}
