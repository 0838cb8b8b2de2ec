import type { PlatformEnvironment } from '../../../ports/preflighter.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { isUnseen } from '../failure-status.ts'
import { reviewerName, type GitHubReviewer } from './reviewers.ts'

interface GitHubEnvironment {
  name: string
  protection_rules?: ProtectionRule[]
  deployment_branch_policy?: { protected_branches: boolean } | null
  can_admins_bypass?: boolean
}

interface ProtectionRule {
  type: string
  wait_timer?: number
  prevent_self_review?: boolean
  reviewers?: GitHubReviewer[]
}

/** The repository's environments with their protection; null when this token may not see them. */
export async function readEnvironments(
  client: GitHubClient,
): Promise<PlatformEnvironment[] | null> {
  try {
    const key = 'environments'
    const { items } = await client.list<GitHubEnvironment>('/environments', { key })
    return items.map(asProtected)
  } catch (error) {
    // Private repositories answer 404 where the permission or the plan is missing.
    if (isUnseen(error)) return null
    throw error
  }
}

function asProtected(environment: GitHubEnvironment): PlatformEnvironment {
  const rules = environment.protection_rules ?? []
  const review = rules.find(({ type }) => type === 'required_reviewers')
  const timer = rules.find(({ type }) => type === 'wait_timer')
  return {
    name: environment.name,
    reviewers: (review?.reviewers ?? []).flatMap((reviewer) => reviewerName(reviewer) ?? []),
    preventsSelfReview: review?.prevent_self_review === true,
    waitMinutes: timer?.wait_timer ?? 0,
    branches: branchesOf(environment),
    ...(environment.can_admins_bypass !== undefined && {
      adminsMayBypass: environment.can_admins_bypass,
    }),
  }
}

function branchesOf({
  deployment_branch_policy: policy,
}: GitHubEnvironment): PlatformEnvironment['branches'] {
  if (!policy) return 'all'
  return policy.protected_branches ? 'protected' : 'selected'
}
