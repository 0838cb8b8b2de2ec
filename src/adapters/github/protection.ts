import type { Environment } from '../../core/project.ts'
import type { ProtectedBranches, Protection } from '../../core/protection.ts'
import { oneLine } from '../../core/text.ts'
import type { PlatformEnvironment } from '../../ports/preflighter.ts'
import type { GitHubClient } from './client/github-client.ts'
import { readEnvironments } from './deployments/environments.ts'
import { isUnseen } from './failure-status.ts'
import { sameName } from './same-name.ts'

/** Who has to agree before a job reaches an environment, and from which branches one may come. */
export async function readProtection(
  client: GitHubClient,
  { github }: Environment,
): Promise<Protection | 'missing' | null> {
  const environments = await readEnvironments(client)
  if (environments === null) return null
  const found = environments.find(({ name }) => sameName(name, github.environment))
  if (found === undefined) return 'missing'
  const [login, apps, branches] = await Promise.all([
    client.login(),
    // With reviewers, nothing depends on them.
    found.reviewers.length > 0 ? [] : readApps(client, found.name),
    readBranches(client, found),
  ])
  return {
    name: oneLine(found.name, 60),
    reviewers: found.reviewers.map((name) => oneLine(name, 60)),
    preventsSelfReview: found.preventsSelfReview,
    ownReview: found.reviewers.filter((name) => login !== null && sameName(name, login)),
    apps,
    adminsMayBypass: found.adminsMayBypass ?? null,
    branches,
  }
}

interface CustomRules {
  custom_deployment_protection_rules?: { enabled: boolean; app: { slug: string } }[]
}

async function readApps(client: GitHubClient, environment_name: string): Promise<string[] | null> {
  const route = '/environments/{environment_name}/deployment_protection_rules'
  return await asFarAsAllowed(async () => {
    const { data } = await client.get<CustomRules>(route, { environment_name })
    const rules = data.custom_deployment_protection_rules ?? []
    return rules.filter(({ enabled }) => enabled).map(({ app }) => oneLine(app.slug, 60))
  })
}

async function readBranches(
  client: GitHubClient,
  { name, branches }: PlatformEnvironment,
): Promise<ProtectedBranches> {
  switch (branches) {
    case 'all':
      return { kind: 'all' }
    case 'protected': {
      // Where the repository protects no branch, GitHub lets all of them deploy.
      const { items } = await client.list('/branches', { params: { protected: true }, most: 1 })
      return { kind: 'protected', any: items.length > 0 }
    }
    case 'selected':
      return { kind: 'selected', patterns: await readPatterns(client, name) }
  }
}

async function readPatterns(
  client: GitHubClient,
  environment_name: string,
): Promise<string[] | null> {
  const route = '/environments/{environment_name}/deployment-branch-policies'
  return await asFarAsAllowed(async () => {
    const options = { params: { environment_name }, key: 'branch_policies' }
    const { items } = await client.list<{ name?: string }>(route, options)
    return items.map(({ name = '' }) => oneLine(name, 60)).toSorted()
  })
}

async function asFarAsAllowed(read: () => Promise<string[]>): Promise<string[] | null> {
  try {
    return await read()
  } catch (error) {
    if (isUnseen(error)) return null
    throw error
  }
}
