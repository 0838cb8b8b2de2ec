import type { ReportChange, ReportedDecision } from './report.ts'
import { exception, type ExceptionKind, type ReportException } from './exception.ts'

/** What the policy of now says, as far as a report judges by it. */
export interface ReportPolicy {
  hash: string
  /** Environments that want an approval: of how many people. */
  wanting: ReadonlyMap<string, number>
  /** Who a login, and who an operating-system user is. */
  personOfLogin(login: string): string
  personOfUser(user: string): string
}

/** What speaks against one change. */
export function exceptionsOf(change: ReportChange, policy: ReportPolicy): ReportException[] {
  const found = [
    ...change.contradictions.map((text) => ['record_contradicted', text] as const),
    ...aroundGonogo(change),
    ...consentExceptions(change, policy),
    ...tooFew(change, policy),
    ...separationOfDuties(change, policy),
    ...waivers(change),
    ...gateExceptions(change),
    ...commitExceptions(change),
  ]
  const { deployment_id, environment, started_at: at, log } = change
  const about = { deployment_id, environment, at, lines: log.lines }
  return found.map(([kind, text]) => exception(kind, text, about))
}

type Found = readonly (readonly [ExceptionKind, string])[]

function aroundGonogo({ kind, requester }: ReportChange): Found {
  if (kind !== 'observed') return []
  return [['made_elsewhere', `made by ${requester}, not by this gonogo`]]
}

/** Somebody else's deployment that is known not to have verified any consent. */
export function bypass(change: ReportChange): ReportException {
  const { deployment_id, environment, started_at: at, requester } = change
  const text = `${requester} changed it around gonogo, and no verified approval let that through`
  return exception('bypass', text, { deployment_id, environment, at })
}

function consentExceptions(
  { kind, environment, consent }: ReportChange,
  policy: ReportPolicy,
): Found {
  if (kind === 'observed' || kind === 'adoption') return []
  const { state, level, decisions } = consent
  const found: [ExceptionKind, string][] = []
  if (state === 'none' && policy.wanting.has(environment))
    found.push(['no_approval', `${environment} wants an approval today, and there is none`])
  if (state === 'static_token')
    found.push(['static_token', 'approved with a static token: nobody knows by whom'])
  if (state === 'unverified') found.push(...unproven(decisions))
  if (level === 'L0' && state !== 'static_token')
    found.push(['level_l0', 'the approval was worth L0 when it was used'])
  for (const { proof, identity, problem } of decisions)
    if (proof === 'contradicted')
      found.push(['approval_contradicted', `the decision of ${identity}: ${problem}`])
  return found
}

/** Judged by the policy it was made under, which is known as long as it is the one of now. */
function tooFew(change: ReportChange, policy: ReportPolicy): Found {
  const { environment, consent, skips, policy_hash } = change
  const wanted = policy.wanting.get(environment) ?? 0
  // An emergency takes one approval, and a static token is told as what it is.
  const other = skips.includes('break_glass') || consent.state === 'static_token'
  if (policy_hash !== policy.hash || other || consent.state === 'none') return []
  const approvals = consent.decisions.filter(({ verdict }) => verdict === 'approved')
  const people = new Set(approvals.map(({ person }) => person))
  if (people.size >= wanted) return []
  return [['too_few_approvals', `${wanted} people have to approve, and ${people.size} did`]]
}

function unproven(decisions: readonly ReportedDecision[]): [ExceptionKind, string][] {
  const approvals = decisions.filter(({ verdict }) => verdict === 'approved')
  if (approvals.length === 0)
    return [['approval_not_proven', 'no decision that approves it is stored']]
  const open = approvals.filter(({ proof }) => proof === 'unlisted' || proof === 'unproven')
  const texts = open.map(({ identity, problem }) => `${identity}: ${problem}`)
  return texts.length === 0 ? [] : [['approval_not_proven', texts.join('; ')]]
}

/** By person, whatever they were known by when they acted. */
function separationOfDuties(change: ReportChange, policy: ReportPolicy): Found {
  const approvals = change.consent.decisions.filter(({ verdict }) => verdict === 'approved')
  const people = approvals.map(({ person }) => person)
  const { operator, requester, commits } = change
  const [kind, ...name] = requester.split(':')
  const asker = kind === 'agent' ? null : policy.personOfUser(name.join(':'))
  const behind = operator === null ? null : policy.personOfUser(operator)
  const authors = new Set(commits.authors.map((login) => policy.personOfLogin(login)))
  return [...new Set(people)].flatMap((person): Found => {
    const found: [ExceptionKind, string][] = []
    if (person === asker) found.push(['self_approval', `${person} asked for it and approved it`])
    else if (person === behind)
      found.push([
        'operator_approved',
        `${requester} asked on behalf of ${person}, who approved it`,
      ])
    if (authors.has(person))
      found.push(['author_approved', `${person} wrote part of it and approved it`])
    if (people.filter((other) => other === person).length > 1)
      found.push(['same_person_twice', `${person} approved it more than once`])
    return found
  })
}

function waivers({ skips, review_owed }: ReportChange): Found {
  const set = skips.map(waiver)
  if (review_owed === null || review_owed.reviewed_by !== null) return set
  const { owed_since, problem } = review_owed
  const why = problem === null ? '' : `, and what is stored does not count: ${problem}`
  return [...set, ['review_owed', `nobody has signed the review owed since ${owed_since}${why}`]]
}

function waiver(skip: string): readonly [ExceptionKind, string] {
  if (skip === 'break_glass') return ['break_glass', 'gates were set aside in an emergency']
  if (skip === 'override_freeze') return ['freeze_override', 'made in spite of a freeze']
  return ['waived', `waived: ${skip}`]
}

function gateExceptions({ gates }: ReportChange): Found {
  const open = gates.filter(
    ({ status, requirement }) => status !== 'passed' || requirement === 'off',
  )
  if (open.length === 0) return []
  const texts = open.map(({ name, requirement, status }) =>
    requirement === 'off' ? `${name} is off` : `${name} ${status} (${requirement})`,
  )
  return [['check_not_passed', texts.join(', ')]]
}

function commitExceptions({ commits, kind }: ReportChange): Found {
  if (kind === 'adoption') return []
  const { problem, unreviewed } = commits
  return [
    ...(problem === null
      ? []
      : [['commits_unknown', `authors and reviewers: ${problem}`] as const]),
    ...(unreviewed.length === 0
      ? []
      : [['commits_not_reviewed', `no other person approved: ${unreviewed.join(', ')}`] as const]),
  ]
}
