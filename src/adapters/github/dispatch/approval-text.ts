import { canonicalJson } from '../../../core/canonical.ts'
import type { SignedConsent } from '../../../ports/pipeline.ts'
import { threadsOf } from '../approvals/threads.ts'
import type { GitHubPipelineDeps } from '../deps.ts'

/** The exact texts that were signed, and where people answered, so that the workflow verifies both itself. */
export async function approvalText(
  deps: GitHubPipelineDeps,
  { request, decisions }: SignedConsent,
): Promise<string> {
  const issue = await issueOf(deps, request)
  const carried = { request: canonicalJson(request), decisions, ...(issue !== null && { issue }) }
  return Buffer.from(JSON.stringify(carried), 'utf8').toString('base64')
}

async function issueOf(
  deps: GitHubPipelineDeps,
  request: SignedConsent['request'],
): Promise<number | null> {
  if (deps.project.approvals.github === 'off') return null
  const [thread] = await threadsOf(deps, request)
  return thread?.number ?? null
}
