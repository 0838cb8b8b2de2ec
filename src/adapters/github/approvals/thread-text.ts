import type { ApprovalRequest } from '../../../core/approval.ts'
import { oneLine } from '../../../core/text.ts'
import type { PlatformPlan } from '../../../ports/platform-approvals.ts'

/** GitHub takes 65,536 characters; what is around the plan needs some of them. */
const mostPlanCharacters = 55_000

/** The id at its end is what the issue is found by. */
export function threadTitle(request: ApprovalRequest): string {
  const { action, version, environment, id } = request
  const emergency = request.kind === 'break_glass' ? 'BREAK GLASS: ' : ''
  return `${emergency}${action} ${oneLine(version, 80)} to ${oneLine(environment, 80)} (${id})`
}

/** What the request itself says; that this still begins the issue is looked at with each answer. */
export function threadHead(request: ApprovalRequest): string {
  const { action, project, environment, version, commit, requester, operator, expires_at } = request
  const facts = [
    `${action} ${project} in ${environment}`,
    `version    ${version}`,
    `commit     ${commit}`,
    `asked by   ${requester}, for ${operator}`,
    `because    ${request.reason ?? 'no reason was given'}`,
    ...request.overrides.map((override) => `waived     ${override}`),
    `plan       ${request.plan_hash}`,
    `valid to   ${expires_at}`,
  ]
  return fenced(facts)
}

export function threadBody(request: ApprovalRequest, plan: PlatformPlan, code: string): string {
  const asked = plan.logins.map((login) => `@${login}`).join(' ')
  return [
    threadHead(request),
    `${asked === '' ? '' : `${asked}: `}answer in a comment that begins with one of these lines.`,
    fenced([`/approve ${code}`, `/reject ${code} REASON`]),
    'Only a new comment counts, unedited, by a login that is listed and is not the one that wrote this. Deleting it takes it back as long as it was not used.',
    `The plan as gonogo made it (\`gonogo approval show ${request.id}\` shows it, too):`,
    fenced(capped(plan.lines)),
  ].join('\n\n')
}

export function closingText(outcome: string): string {
  return `gonogo: ${oneLine(outcome, 500)}`
}

/** A fence that no line inside can end, so that nothing in it is read as anything but text. */
function fenced(lines: readonly string[]): string {
  const clean = lines.map((line) => oneLine(line, Number.POSITIVE_INFINITY))
  const runs = clean.flatMap((line) => line.match(/`+/g) ?? [])
  const longest = Math.max(2, ...runs.map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}text`, ...clean, fence].join('\n')
}

function capped(lines: readonly string[]): string[] {
  let left = mostPlanCharacters
  const shown = lines.filter((line) => (left -= line.length + 1) >= 0)
  if (shown.length === lines.length) return shown
  return [...shown, `and ${lines.length - shown.length} more lines that do not fit here`]
}
