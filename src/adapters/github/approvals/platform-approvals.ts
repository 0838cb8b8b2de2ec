import type { ApprovalRequest } from '../../../core/approval.ts'
import { Failure } from '../../../core/failure.ts'
import type {
  ConsentVerification,
  PlatformApprovals,
  PlatformDecision,
} from '../../../ports/platform-approvals.ts'
import type { Environment } from '../../../core/project.ts'
import { decisionIn, type IssueComment, type Question } from './comment.ts'
import { consentCode } from './consent-code.ts'
import { closingText, threadBody, threadHead, threadTitle } from './thread-text.ts'
import { openThread, threadsOf, type Thread, type ThreadDeps } from './threads.ts'

export interface PlatformApprovalsDeps extends ThreadDeps {
  verifiesConsent: (environment: Environment) => Promise<ConsentVerification>
}

/** Consent in an issue of the repository: on every plan, for private repositories, too. */
export function createPlatformApprovals(deps: PlatformApprovalsDeps): PlatformApprovals {
  const { client } = deps
  return {
    async open(request, plan) {
      const title = threadTitle(request)
      const body = threadBody(request, plan, consentCode(deps.runtime, request))
      await openThread(deps, request, { title, body })
      const [thread] = await threadsOf(deps, request)
      if (thread === undefined) throw notShown(request)
      return { url: thread.html_url }
    },
    async decisions(request) {
      const threads = await threadsOf(deps, request)
      const own = await client.login()
      const all = await Promise.all(threads.map((thread) => answers(deps, request, thread, own)))
      return all.flat().toSorted((left, right) => left.at - right.at)
    },
    async close(request, outcome) {
      for (const thread of await threadsOf(deps, request)) {
        if (thread.state === 'closed') continue
        const { number: issue_number } = thread
        const body = closingText(outcome)
        await client.send('POST', '/issues/{issue_number}/comments', { issue_number, body })
        const state = { state: 'closed', state_reason: 'completed' }
        await client.send('PATCH', '/issues/{issue_number}', { issue_number, ...state })
      }
    },
    login: () => client.login(),
    verifiesConsent: deps.verifiesConsent,
  }
}

async function answers(
  deps: PlatformApprovalsDeps,
  request: ApprovalRequest,
  thread: Thread,
  own: string | null,
): Promise<PlatformDecision[]> {
  const { items } = await deps.client.list<IssueComment>('/issues/{issue_number}/comments', {
    params: { issue_number: thread.number },
  })
  const question: Question = {
    code: consentCode(deps.runtime, request),
    askedAt: Date.parse(thread.created_at),
    expiresAt: Date.parse(request.expires_at),
    own,
    problem: textProblem(request, thread),
  }
  return items.flatMap((comment) => decisionIn(comment, question) ?? [])
}

/** What people said yes to has to be what they were shown. */
function textProblem(request: ApprovalRequest, { title, body }: Thread): string | null {
  const text = (body ?? '').replaceAll('\r', '')
  const isWhole = title === threadTitle(request) && text.startsWith(threadHead(request))
  return isWhole ? null : 'the issue does not say any more what the request says'
}

function notShown({ id }: ApprovalRequest): Failure {
  return new Failure({
    code: 'pipeline_unavailable',
    message: `GitHub does not show the issue of ${id} yet`,
    hint: 'call again',
    retryable: true,
  })
}
