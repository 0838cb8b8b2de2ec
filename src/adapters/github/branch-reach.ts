import { oneLine } from '../../core/text.ts'
import type { GitHubClient } from './client/github-client.ts'
import { isUnseen } from './failure-status.ts'
import { readRepository } from './repository-view.ts'

interface Rule {
  type: string
  ruleset_id?: string
  parameters?: { required_approving_review_count?: number; require_last_push_approval?: boolean }
}

interface Ruleset {
  enforcement: string
  current_user_can_bypass?: string
}

/**
 * Why this token could bring something onto a branch by itself, in one line; null when it cannot: a rule
 * wants somebody else's review of every change as it is merged, and the token is not above it. What is not shown counts as
 * within reach, classic branch protection as well: GitHub shows its reviews to administrators only.
 */
export async function branchReach(client: GitHubClient, branch: string): Promise<string | null> {
  type View = { permissions?: { admin?: boolean } }
  const { data } = await readRepository<View>(client)
  if (data.permissions?.admin !== false) return 'the token administers the repository, or may'
  const name = oneLine(branch, 100)
  try {
    const { items } = await client.list<Rule>('/rules/branches/{branch}', { params: { branch } })
    const reviewed = items.filter(
      ({ type, parameters }) =>
        type === 'pull_request' && (parameters?.required_approving_review_count ?? 0) > 0,
    )
    if (reviewed.length === 0) return `no ruleset wants a review of what comes onto ${name}`
    // Else it could push to what somebody approved, or approve in somebody's pull request what it pushed.
    const last = reviewed.filter(
      ({ parameters }) => parameters?.require_last_push_approval === true,
    )
    if (last.length === 0)
      return `no ruleset of ${name} wants the last push approved by somebody else`
    for (const { ruleset_id } of last) if (await isBinding(client, ruleset_id)) return null
    return `the token may bypass the rules of ${name}, or GitHub does not say`
  } catch (error) {
    if (!isUnseen(error)) throw error
    return `the rules of ${name} cannot be read: ${oneLine(error.message)}`
  }
}

async function isBinding(client: GitHubClient, ruleset_id: string | undefined): Promise<boolean> {
  if (ruleset_id === undefined) return false
  const answer = await client.find<Ruleset>('/rulesets/{ruleset_id}', { ruleset_id })
  const { enforcement, current_user_can_bypass } = answer?.data ?? {}
  return enforcement === 'active' && current_user_can_bypass === 'never'
}
