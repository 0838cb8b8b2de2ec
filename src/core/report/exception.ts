/**
 * `violation`: a rule was broken, or the record contradicts itself. `exception`: allowed, and somebody has
 * to look at it. `notice`: good to know beside the changes.
 */
export interface ReportException {
  kind: ExceptionKind
  severity: 'violation' | 'exception' | 'notice'
  deployment_id: string | null
  environment: string | null
  at: string | null
  text: string
  /** Lines of the log. */
  lines: number[]
}

/** In the order in which a report tells them. */
const severities = {
  log_changed: 'violation',
  record_contradicted: 'violation',
  deployment_missing: 'violation',
  bypass: 'violation',
  no_approval: 'violation',
  too_few_approvals: 'violation',
  approval_contradicted: 'violation',
  self_approval: 'violation',
  author_approved: 'violation',
  same_person_twice: 'violation',
  break_glass: 'exception',
  review_owed: 'exception',
  freeze_override: 'exception',
  approval_not_proven: 'exception',
  static_token: 'exception',
  level_l0: 'exception',
  operator_approved: 'exception',
  check_not_passed: 'exception',
  waived: 'exception',
  commits_not_reviewed: 'exception',
  made_elsewhere: 'exception',
  log_repaired: 'exception',
  log_not_anchored: 'exception',
  anchor_unread: 'exception',
  line_stopped: 'exception',
  platform_unread: 'exception',
  commits_unknown: 'notice',
  act: 'notice',
} as const satisfies Record<string, ReportException['severity']>
export type ExceptionKind = keyof typeof severities

const order = Object.keys(severities)

/** Worst first, then as they happened. */
export function inOrder(exceptions: readonly ReportException[]): ReportException[] {
  return exceptions.toSorted(
    (left, right) =>
      order.indexOf(left.kind) - order.indexOf(right.kind) ||
      compare(left.at ?? '', right.at ?? ''),
  )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** An exception of a kind; what it is about, as far as it is about one thing. */
export function exception(
  kind: ExceptionKind,
  text: string,
  about: Partial<Omit<ReportException, 'kind' | 'severity' | 'text'>> = {},
): ReportException {
  const nothing = { deployment_id: null, environment: null, at: null, lines: [] }
  return { kind, severity: severities[kind], ...nothing, ...about, text }
}

/** What holds for many changes alike is told once, with how many they are. */
export function withoutRepeats(exceptions: readonly ReportException[]): ReportException[] {
  const isCommon = ({ kind }: ReportException) => kind === 'commits_unknown'
  const groups = Map.groupBy(exceptions.filter(isCommon), ({ text }) => text)
  const common = [...groups].flatMap(([text, group]) =>
    group.length === 1 ? group : [exception(group[0]!.kind, `${group.length} changes, ${text}`)],
  )
  return [...exceptions.filter((one) => !isCommon(one)), ...common]
}
