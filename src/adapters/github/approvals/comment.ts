import { oneLine } from '../../../core/text.ts'
import type { PlatformDecision } from '../../../ports/platform-approvals.ts'
import type { Account } from '../payloads.ts'
import { sameName } from '../same-name.ts'

/** A comment of an issue, as far as it is read here. */
export interface IssueComment {
  id: string
  body?: string
  html_url: string
  user: Account | null
  created_at: string
  updated_at: string
  performed_via_github_app?: { slug?: string } | null
}

/** What an answer is held against. */
export interface Question {
  code: string
  /** Milliseconds since the epoch. */
  askedAt: number
  expiresAt: number
  /** The login gonogo acts as; null when GitHub does not say. */
  own: string | null
  /** Why no yes in this issue counts; null when it may. */
  problem: string | null
}

const command = /^\s*\/(approve|reject)[ \t]+(\S+)(?:[ \t]+([^\n]*))?(?:\n|$)/

/** The decision that a comment is; null for one that is none. It says why it does not count, if so. */
export function decisionIn(comment: IssueComment, question: Question): PlatformDecision | null {
  const [, verb, code, reason = ''] = command.exec((comment.body ?? '').replaceAll('\r', '')) ?? []
  if (verb === undefined || code === undefined) return null
  const verdict = verb === 'approve' ? 'approved' : 'rejected'
  return {
    login: oneLine(comment.user?.login ?? 'a deleted account', 60),
    verdict,
    reason: oneLine(reason.trim(), 500) || null,
    url: comment.html_url,
    at: Date.parse(comment.created_at),
    problem:
      authorProblem(comment, code, question) ??
      // No is no: corrected, late, or in an issue that somebody changed since.
      (verdict === 'rejected' ? null : consentProblem(comment, question)),
  }
}

function authorProblem({ user }: IssueComment, code: string, question: Question): string | null {
  if (user === null) return 'its account was deleted'
  if (user.type !== 'User') return 'it was written by a program'
  if (sameName(user.login, question.own)) return 'it was written by the login gonogo acts as'
  return code === question.code ? null : 'its code is of another request'
}

function consentProblem(comment: IssueComment, question: Question): string | null {
  const { created_at, updated_at, performed_via_github_app } = comment
  const at = Date.parse(created_at)
  if (question.problem !== null) return question.problem
  // An App that writes in a person's name needs no more than their token.
  if (performed_via_github_app != null) return 'it was written by an App for its user'
  if (created_at !== updated_at) return 'it was edited'
  // GitHub tells whole seconds.
  if (!(at >= question.askedAt - 1000)) return 'it is older than the request'
  return at < question.expiresAt ? null : 'the request had expired'
}
