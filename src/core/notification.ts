import type { ApprovalRequest, Decision } from './approval.ts'
import { canonicalJson } from './canonical.ts'
import type { Deployment } from './deployment.ts'
import type { NotificationEvent } from './project.ts'
import { oneLine } from './text.ts'

/** What is told, before anybody's format. */
export interface Notice {
  /** `test`: somebody wants to know whether messages arrive. */
  event: NotificationEvent | 'test'
  environment: string | null
  title: string
  /** What else there is to know, by name. */
  facts: Readonly<Record<string, string | null>>
  /** What to run next; null where there is nothing to do. */
  command: string | null
}

/** The body of a message, as the outbox keeps it and a webhook gets it. */
export interface Message {
  schema_version: 1
  type: Notice['event']
  /** RFC 3339, UTC: when it happened. */
  timestamp: string
  data: {
    project: string
    environment: string | null
    title: string
    facts: Record<string, string>
    command: string | null
  }
}

const titleLimit = 200
const factLimit = 300

/** Canonical JSON of a message. Whatever others wrote is on one line, cut and without control characters. */
export function messageText(notice: Notice, project: string, timestamp: string): string {
  const { event, environment, title, command } = notice
  const facts = Object.entries(notice.facts)
    .map(([name, value]) => [name, oneLine(value ?? '', factLimit)] as const)
    .filter(([, value]) => value !== '')
  const message: Message = {
    schema_version: 1,
    type: event,
    timestamp,
    data: {
      project: oneLine(project, 100),
      environment: environment && oneLine(environment, 100),
      title: oneLine(title, titleLimit),
      facts: Object.fromEntries(facts),
      command: command && oneLine(command, titleLimit),
    },
  }
  return canonicalJson(message)
}

const emergency = 'break-glass: '

/** Somebody has to decide. */
export function approvalRequested(request: ApprovalRequest): Notice {
  const { id, kind, environment, requester } = request
  const urgent = kind === 'break_glass' ? emergency : ''
  return {
    event: 'approval_requested',
    environment,
    title: `${urgent}${requester} asks ${wanted(request)}`,
    facts: { ...factsOf(request), expires_at: request.expires_at },
    command: `gonogo approve ${id}`,
  }
}

/** Somebody decided. A one-time code is never part of it. */
export function approvalDecided(
  request: ApprovalRequest,
  decision: Pick<Decision, 'verdict' | 'person' | 'method' | 'level'>,
  said: string | null,
): Notice {
  const { verdict, person, method, level } = decision
  const what = verdict === 'revoked' ? 'took back the approval' : verdict
  return {
    event: 'approval_decided',
    environment: request.environment,
    title: `${person} ${what}: ${request.requester} wants ${wanted(request)}`,
    facts: { ...factsOf(request), verdict, decided_by: person, method, level, said },
    command: `gonogo approval show ${request.id}`,
  }
}

function wanted({ action, version, environment }: ApprovalRequest): string {
  return action === 'rollback'
    ? `to roll ${environment} back to ${version}`
    : `to ${action} ${version} to ${environment}`
}

function factsOf(request: ApprovalRequest): Notice['facts'] {
  const { id, version, commit, requester, operator, kind, overrides, reason } = request
  const around = overrides.join(', ')
  return { approval_id: id, version, commit, requester, operator, kind, overrides: around, reason }
}

/** A deployment is on its way. */
export function deploymentStarted(deployment: Deployment): Notice {
  return aboutDeployment('deployment_started', deployment, `${workOf(deployment)} has started`)
}

/** A deployment is over, however it ended. */
export function deploymentEnded(deployment: Deployment): Notice {
  const { status } = deployment
  const title = `${workOf(deployment)}: ${status.replaceAll('_', ' ')}`
  return aboutDeployment('deployment_ended', deployment, title)
}

/** A deployment went around gates: somebody has to look at it afterwards. */
export function glassBroken(deployment: Deployment, gates: readonly string[]): Notice {
  const title = `${emergency}${workOf(deployment)} goes around gates and owes a review`
  const notice = aboutDeployment('break_glass', deployment, title)
  return {
    ...notice,
    facts: { ...notice.facts, set_aside: gates.join(', ') },
    command: `gonogo break-glass review ${deployment.id}`,
  }
}

function workOf({ kind, release, environment }: Deployment): string {
  const to = kind === 'rollback' ? `of ${environment} to ${release.version}` : null
  return `${kind} ${to ?? `of ${release.version} to ${environment}`}`
}

function aboutDeployment(event: Notice['event'], deployment: Deployment, title: string): Notice {
  const { id, environment, status, release, initiated_by, reason, fault } = deployment
  return {
    event,
    environment,
    title,
    facts: {
      deployment_id: id,
      status,
      version: release.version,
      commit: release.sha,
      initiated_by,
      reason,
      step: fault?.step ?? null,
      cause: fault?.cause ?? null,
    },
    command: `gonogo status ${id}`,
  }
}

/** All promotions are stopped, or go on. */
export function lineChanged(by: string, change: { stopped: boolean; reason: string }): Notice {
  const { stopped, reason } = change
  return {
    event: 'line_stopped',
    environment: null,
    title: stopped ? `${by} stopped all promotions` : `${by} lets promotions go on`,
    facts: { state: stopped ? 'stopped' : 'lifted', by, reason },
    command: stopped ? 'gonogo stop-the-line --status' : null,
  }
}

/** Somebody tried a token that does not count. It is named by its hash at most. */
export function tokenRefused(caller: string, label: string): Notice {
  return {
    event: 'token_refused',
    environment: null,
    title: `${caller} tried a token that was refused`,
    facts: { caller, token: label },
    command: 'gonogo audit',
  }
}

/** Nothing can be written down, so nothing may happen. */
export function auditUnavailable(path: string, problem: string): Notice {
  return {
    event: 'audit_unavailable',
    environment: null,
    title: 'the audit log cannot be written: changes are refused',
    facts: { audit_log: path, problem },
    command: 'gonogo doctor',
  }
}

/** Whether messages arrive. */
export function trial(by: string): Notice {
  const title = `${by} tests whether messages of gonogo arrive`
  return { event: 'test', environment: null, title, facts: { by }, command: null }
}

const second = 1_000
const minute = 60 * second

/** Pauses between tries; after the last one a message is given up. Together about four hours. */
const pauses = [
  5 * second,
  15 * second,
  minute,
  3 * minute,
  5 * minute,
  10 * minute,
  20 * minute,
  30 * minute,
  45 * minute,
  60 * minute,
  60 * minute,
]

/** How often a message is tried. */
export const tries = pauses.length + 1

/** How long to wait after so many failed tries; null: give up. */
export function pauseAfter(failed: number): number | null {
  return pauses[failed - 1] ?? null
}
