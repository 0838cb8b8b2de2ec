import type { AuditReport, ReportChange, ReportTotals } from '../../core/report/report.ts'
import type { ReportException } from '../../core/report/exception.ts'
import { sanitize } from '../../core/text.ts'

/** For people: what speaks against it first, then every change, then how many there were. */
export function* reportMarkdown(report: AuditReport): Generator<string> {
  yield* head(report)
  yield* exceptionLines(report)
  yield `\n## Changes\n`
  if (report.changes.length === 0) yield '\nNone.\n'
  for (const change of report.changes) yield* changeLines(change)
  yield `\n## Totals\n\n`
  yield* totalLines(report.totals)
}

function* head(report: AuditReport): Generator<string> {
  const { project, from, to, made_at, environments, left_out, log, policy_hash } = report
  yield `# Audit report: ${safe(project)}\n\n`
  yield item('from', `${from} up to ${to}`)
  yield item('made', made_at)
  yield item('environments', environments.join(', ') || 'none')
  const left = Object.entries(left_out).map(([name, count]) => `${name} (${count})`)
  if (left.length > 0) yield item('left out, since they are not guarded', left.join(', '))
  yield item('policy of now', policy_hash)
  yield item('log', `${log.path}, ${log.lines} lines, last line ${log.head}`)
  yield item('log verified', logWord(log))
}

function logWord({ verified, anchored, sealed_lines }: AuditReport['log']): string {
  if (!verified) return 'NO: it was changed'
  if (anchored) return `yes, and anchors outside agree; ${sealed_lines} lines are sealed`
  return `self-consistent, not anchored; ${sealed_lines} lines are sealed`
}

function* exceptionLines({ exceptions }: AuditReport): Generator<string> {
  const groups = [
    ['violation', 'Violations'],
    ['exception', 'Exceptions'],
    ['notice', 'Beside the changes'],
  ] as const
  for (const [severity, title] of groups) {
    const found = exceptions.filter((one) => one.severity === severity)
    yield `\n## ${title} (${found.length})\n\n`
    if (found.length === 0) yield 'None.\n'
    for (const one of found) yield `- ${exceptionText(one)}\n`
  }
}

function exceptionText(exception: ReportException): string {
  const { kind, deployment_id, environment, at, text, lines } = exception
  const where = [deployment_id, environment, at].filter((part) => part !== null)
  const told = lines.length === 0 ? '' : ` (${linesText(lines)})`
  const place = where.length === 0 ? '' : `${safe(where.join(', '))}: `
  return `**${safe(kind)}** ${place}${safe(text)}${told}`
}

function linesText(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`
}

function* changeLines(change: ReportChange): Generator<string> {
  const { kind, environment, version, from_version, commit, log } = change
  yield `\n### ${safe(`${change.deployment_id}: ${kind} ${version} to ${environment}`)}\n\n`
  yield item('commit', commit)
  yield item('before', from_version ?? 'not known')
  yield item('time', `${change.started_at} to ${change.ended_at ?? '(under way)'}`)
  yield item('outcome', outcomeText(change))
  yield item('asked by', askedText(change))
  yield* consentLines(change)
  yield* commitLines(change)
  if (change.skips.length > 0) yield item('set aside', change.skips.join(', '))
  for (const { name, requirement, status, evidence, in_log } of change.gates) {
    const logged = in_log ? ', in the log' : ''
    yield item('check', `${name}: ${status} (${requirement}), ${evidence}${logged}`)
  }
  yield* reviewLines(change)
  if (change.plan_hash) yield item('plan', change.plan_hash)
  if (change.policy_hash) yield item('policy', change.policy_hash)
  if (change.run_id) yield item('run', change.run_id)
  for (const link of change.links) yield item('link', link)
  yield item('log', log.lines.length === 0 ? 'no line' : linesText(log.lines))
  for (const text of change.contradictions) yield item('CONTRADICTION', text)
}

function outcomeText({ outcome, verified, health, cause }: ReportChange): string {
  const live = verified ? 'verified live' : 'not verified live'
  return `${outcome}, ${live}, ${health}${cause === null ? '' : `: ${cause}`}`
}

function askedText({ requester, operator, reason }: ReportChange): string {
  const behalf = operator === null ? '' : ` on behalf of ${operator}`
  return `${requester}${behalf}${reason === null ? '' : `: ${reason}`}`
}

function* consentLines({ consent }: ReportChange): Generator<string> {
  const { state, method, level, approval_id, decisions } = consent
  const how = [approval_id, method, level].filter((part) => part !== null).join(', ')
  yield item(
    'approval',
    how === '' ? state.replace('_', ' ') : `${state.replace('_', ' ')} (${how})`,
  )
  for (const decision of decisions) {
    const { verdict, person, identity, at, proof, problem } = decision
    const known = person === identity ? person : `${person} (${identity})`
    // The level of a past signature cannot be verified: it is what the store says.
    const worth = `${decision.method}, recorded as ${decision.level}`
    const why = problem === null ? '' : `: ${problem}`
    yield item('decision', `${verdict} by ${known}, ${worth}, ${at}: ${proof}${why}`)
  }
}

function* commitLines({ commits }: ReportChange): Generator<string> {
  const { problem, authors, reviewers, unreviewed } = commits
  if (authors.length > 0) yield item('authors', authors.join(', '))
  if (reviewers.length > 0) yield item('reviewers', reviewers.join(', '))
  for (const text of unreviewed) yield item('not reviewed', text)
  if (problem !== null) yield item('authors and reviewers', problem)
}

function* reviewLines({ review_owed }: ReportChange): Generator<string> {
  if (review_owed === null) return
  const { gates, reason, owed_since, reviewed_by, reviewed_at } = review_owed
  yield item('emergency', `${reason}; set aside: ${gates.join(', ') || 'nothing'}`)
  const state =
    reviewed_by === null ? `owed since ${owed_since}` : `signed by ${reviewed_by} at ${reviewed_at}`
  yield item('review', state)
}

function* totalLines(totals: ReportTotals): Generator<string> {
  for (const [name, value] of Object.entries(totals) as [
    string,
    number | Record<string, number>,
  ][]) {
    const counts = typeof value === 'number' ? String(value) : countsText(value)
    yield item(name.replaceAll('_', ' '), counts)
  }
}

function countsText(counts: Record<string, number>): string {
  const texts = Object.entries(counts).map(([word, count]) => `${word} ${count}`)
  return texts.length === 0 ? 'none' : texts.join(', ')
}

function item(label: string, text: string): string {
  return `- ${label}: ${safe(text)}\n`
}

/** Untrusted text can make no heading, link, image or table of it. */
function safe(text: string): string {
  const plain = sanitize(text).replaceAll(/\s+/g, ' ')
  // An underscore inside a word is one.
  return plain.replaceAll(/[\\`*[\]<>|~#!&]|(?<!\w)_|_(?!\w)/g, String.raw`\$&`)
}
