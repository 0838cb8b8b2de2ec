import { toFailure } from '../../../core/failure.ts'
import type { Environment } from '../../../core/project.ts'
import { oneLine } from '../../../core/text.ts'
import type { ConsentVerification } from '../../../ports/platform-approvals.ts'
import { branchReach } from '../branch-reach.ts'
import { defaultBranchOf } from '../default-branch.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { prepareIntent } from '../dispatch/describe.ts'
import { branchTip } from '../dispatch/dispatch-ref.ts'
import { examine } from '../dispatch/examine.ts'
import { readProtection } from '../protection.ts'

/**
 * Whether the workflow that would be started asks for consent by itself, from a branch that this token
 * cannot change, into an environment that no other branch may deploy to. Looked at anew each time.
 */
export async function verifiesConsent(
  deps: GitHubPipelineDeps,
  environment: Environment,
): Promise<ConsentVerification> {
  try {
    const branch = deps.settings.ref ?? (await defaultBranchOf(deps.client))
    const problem =
      (await workflowProblem(deps, environment, branch)) ??
      (await branchReach(deps.client, branch)) ??
      (await environmentProblem(deps, environment, branch))
    return { verified: problem === null, problem }
  } catch (error) {
    return { verified: false, problem: oneLine(toFailure(error).message, 300) }
  }
}

async function workflowProblem(
  deps: GitHubPipelineDeps,
  environment: Environment,
  branch: string,
): Promise<string | null> {
  const tip = await branchTip(deps.client, branch)
  if (tip === null) return `there is no branch ${oneLine(branch, 100)}`
  // Whatever is deployed: which jobs wait for the approval does not depend on it.
  const release = { sha: tip.sha, version: tip.sha }
  const prepared = await prepareIntent(deps, { action: 'promote', environment, release })
  const { verifies_logins, unknown } = await examine(deps, environment, prepared)
  if (verifies_logins !== true) return `${prepared.file} does not ask which login consented`
  const [first] = unknown
  return first === undefined ? null : `${prepared.file} cannot be worked out: ${first}`
}

/** A branch that may deploy there can bring a workflow of its own, and has the secrets. */
async function environmentProblem(
  { client }: GitHubPipelineDeps,
  environment: Environment,
  branch: string,
): Promise<string | null> {
  const protection = await readProtection(client, environment)
  const name = oneLine(environment.github.environment, 100)
  if (protection === null) return `the environment ${name} cannot be read`
  if (protection === 'missing') return `GitHub has no environment ${name}`
  const { branches } = protection
  const isOnly =
    branches.kind === 'selected' &&
    branches.patterns?.length === 1 &&
    branches.patterns[0] === branch
  return isOnly ? null : `other branches than ${oneLine(branch, 100)} may deploy to ${name}`
}
