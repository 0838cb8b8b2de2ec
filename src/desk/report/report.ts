import { reportTotals, type AuditReport, type ReportChange } from '../../core/report/report.ts'
import type { Deployment } from '../../core/deployment.ts'
import { isGuarded } from '../../core/policy-trust.ts'
import { findEnvironment } from '../../core/project.ts'
import { personOf } from '../../core/approver-policy.ts'
import { reportChange } from '../../core/report/change.ts'
import { inOrder, withoutRepeats, type ReportException } from '../../core/report/exception.ts'
import { bypass, exceptionsOf, type ReportPolicy } from '../../core/report/exceptions.ts'
import type { LogFacts } from '../../core/report/log.ts'
import {
  logExceptions,
  missingDeployments,
  notableExceptions,
  unreadable,
} from '../../core/report/record.ts'
import type { Call } from '../../ports/context.ts'
import { environmentNamed } from '../../tools/support/environments.ts'
import { readObserved } from '../../tools/support/observed.ts'
import { timestamp } from '../../tools/support/time.ts'
import { commitReader } from './commits.ts'
import { deploymentsWithin } from './deployments.ts'
import { changeFacts, type FactSources } from './facts.ts'
import { readLog } from './log.ts'
import { lineStopExceptions } from './line-stops.ts'
import type { ReportWindow } from './window.ts'

export interface ReportRequest {
  window: ReportWindow
  /** Absent: every guarded environment, and each that the configuration no longer knows. */
  environment?: string | undefined
}

/**
 * What an auditor asks for. The store says what was deployed, the log is held against it, and every
 * signature is verified again: nothing is repeated that was not looked at. Changes nothing.
 */
export async function auditReport(call: Call, request: ReportRequest): Promise<AuditReport> {
  const { window } = request
  const scope = await scopeOf(call, request)
  // The store first: an intent is logged before its row is there, so no row is without its line.
  const listed = await listDeployments(call, window, scope)
  const read = await readLog(call, window, listed.rows)
  const missing = await lostDeployments(call, read.facts, scope)
  const sources = { call, facts: read.facts, commits: commitReader(call) }
  const judged = await judgeAll(sources, listed.rows)
  const exceptions = inOrder([
    ...logExceptions(read.log),
    ...missing,
    ...withoutRepeats(judged.exceptions),
    ...listed.problems.map(unreadable),
    ...(await lineStopExceptions(call, window, read.facts)),
    ...notableExceptions(read.facts),
  ])
  return {
    format: 'gonogo-audit-report-v1',
    project: call.project.name,
    policy_hash: call.policyHash,
    from: timestamp(window.from),
    to: timestamp(window.until),
    made_at: timestamp(call.runtime.now()),
    environments: scope.named ? [scope.named] : listed.environments,
    left_out: listed.leftOut,
    log: read.log,
    exceptions,
    changes: judged.changes,
    totals: reportTotals(judged.changes, exceptions),
  }
}

interface Scope {
  named: string | null
  covers(environment: string): boolean
}

/** What is in the configuration and not guarded is left out, and said to be. */
async function scopeOf(call: Call, { environment }: ReportRequest): Promise<Scope> {
  const { project } = call
  if (environment === undefined) {
    const covers = (name: string) => {
      const found = findEnvironment(project, name)
      return found === undefined || isGuarded(found, [project.environments])
    }
    return { named: null, covers }
  }
  // One that was taken out of the configuration still has its history.
  const filter = { environment, limit: 1 }
  const { total } = await call.store.read((tables) => tables.deployments.list(filter))
  if (total === 0) environmentNamed(project, environment)
  return { named: environment, covers: (name) => name === environment }
}

interface Listed {
  /** Oldest first; without their plans, which are read again one at a time. */
  rows: Deployment[]
  environments: string[]
  leftOut: Record<string, number>
  problems: string[]
}

async function listDeployments(call: Call, window: ReportWindow, scope: Scope): Promise<Listed> {
  const observed = await readObserved(call)
  const fresh = new Map(
    observed.rows
      .filter(({ created_at: at }) => at >= window.from && at < window.until)
      .map((row) => [row.id, row]),
  )
  const rows: Deployment[] = []
  const leftOut = new Map<string, number>()
  const take = (row: Deployment) => {
    const { environment } = row
    if (scope.covers(environment)) rows.push({ ...row, plan: '' })
    else leftOut.set(environment, (leftOut.get(environment) ?? 0) + 1)
  }
  for await (const row of deploymentsWithin(call.store, window)) {
    // What the platform says now is newer, and a bypass that was seen once stays one.
    const now = fresh.get(row.id)
    fresh.delete(row.id)
    take(now ? { ...now, bypass: now.bypass || row.bypass } : row)
  }
  for (const row of fresh.values()) take(row)
  const names = call.project.environments.map(({ name }) => name)
  const guarded = names.filter((name) => scope.covers(name))
  return {
    rows: rows.toSorted((left, right) => left.created_at - right.created_at),
    environments: [...new Set([...guarded, ...rows.map(({ environment }) => environment)])],
    leftOut: Object.fromEntries(leftOut),
    problems: observed.problem === null ? [] : [observed.problem],
  }
}

/** Lines of deployments that the store does not have, in the environments of the report. */
async function lostDeployments(
  { store }: Call,
  { deployments }: LogFacts,
  scope: Scope,
): Promise<ReportException[]> {
  const lost = []
  for (const logged of deployments.values()) {
    const { id, environment } = logged
    if (environment === null || !scope.covers(environment)) continue
    if ((await store.read((tables) => tables.deployments.get(id))) === null) lost.push(logged)
  }
  return missingDeployments(lost)
}

async function judgeAll(sources: FactSources, rows: readonly Deployment[]) {
  const policy = policyOf(sources.call)
  const changes: ReportChange[] = []
  const exceptions: ReportException[] = []
  for (const [index, row] of rows.entries()) {
    sources.call.signal.throwIfAborted()
    sources.call.progress('looking at changes', index, rows.length)
    const change = reportChange(await changeFacts(sources, row), timestamp)
    changes.push(change)
    exceptions.push(...exceptionsOf(change, policy), ...(row.bypass ? [bypass(change)] : []))
  }
  return { changes, exceptions }
}

function policyOf({ project, policyHash: hash }: Call): ReportPolicy {
  const { environments, approvals } = project
  const wanting = environments.filter(({ approval }) => approval === 'required')
  return {
    hash,
    wanting: new Map(wanting.map(({ name, approvers }) => [name, approvers.count])),
    personOfLogin: (name) => personOf(approvals, { kind: 'github', name }),
    personOfUser: (name) => personOf(approvals, { kind: 'user', name }),
  }
}
