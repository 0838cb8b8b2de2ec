/** How bad it is. Only `fail` makes `gonogo doctor` exit with 1. */
export type Status = 'ok' | 'note' | 'warn' | 'fail'

/** What findings are about, in the order they are told. */
export const areas = {
  versions: 'Versions',
  configuration: 'Configuration',
  store: 'Store',
  audit: 'Audit log',
  notifications: 'Notifications',
  keepers: 'Keepers',
  approvals: 'Approvals',
  tokens: 'Tokens',
  locks: 'Locks and reviews',
  pipeline: 'Pipeline',
  github: 'GitHub',
  isolation: 'Isolation',
  live: 'Live systems',
  smoke: 'Smoke tests',
  clock: 'Clock',
} as const
export type Area = keyof typeof areas

/** Every finding there is, with its area. docs/doctor.md explains each; a test compares the two. */
export const findingAreas = {
  gonogo_version: 'versions',
  node_version: 'versions',
  sqlite_version: 'versions',
  git_version: 'versions',
  openssh_version: 'versions',
  npm_version: 'versions',
  configuration: 'configuration',
  variable_override: 'configuration',
  variable_unknown: 'configuration',
  schema_file: 'configuration',
  store: 'store',
  store_schema: 'store',
  state_directory: 'store',
  disk_space: 'store',
  audit_log: 'audit',
  audit_chain: 'audit',
  audit_key: 'audit',
  audit_checkpoint: 'audit',
  audit_anchor: 'audit',
  audit_stream: 'audit',
  audit_size: 'audit',
  notification_target: 'notifications',
  notification_message: 'notifications',
  keeper: 'keepers',
  deployment_trouble: 'keepers',
  approvers: 'approvals',
  approver_key: 'approvals',
  approver_policy: 'approvals',
  approver_person: 'approvals',
  approver_list: 'approvals',
  level_reached: 'approvals',
  policy_in_reach: 'approvals',
  policy_trust: 'approvals',
  around_gonogo: 'approvals',
  static_tokens: 'tokens',
  caller_tokens: 'tokens',
  token_exposed: 'tokens',
  token_refused: 'tokens',
  line_stopped: 'locks',
  lock_held: 'locks',
  review_owed: 'locks',
  pipeline: 'pipeline',
  pipeline_target: 'pipeline',
  programs: 'pipeline',
  repository: 'pipeline',
  tests: 'pipeline',
  github_identity: 'github',
  github_ability: 'github',
  github_limit: 'github',
  github_clock: 'github',
  github_workflow: 'github',
  github_environment: 'github',
  isolation: 'isolation',
  env_file: 'isolation',
  shared_state: 'isolation',
  live_url: 'live',
  health_endpoint: 'live',
  health_proof: 'live',
  version_endpoint: 'live',
  live_offline: 'live',
  smoke_suite: 'smoke',
  smoke_unused: 'smoke',
  smoke_capture: 'smoke',
  smoke_variable: 'smoke',
  smoke_user: 'smoke',
  clock_skew: 'clock',
  clock_future: 'clock',
} as const satisfies Record<string, Area>
export type FindingId = keyof typeof findingAreas

/** One sentence about this set-up. */
export interface Finding {
  id: FindingId | 'not_checked'
  area: Area
  status: Status
  message: string
  /** The command, or the change, that mends it; null where nothing is to be mended. */
  fix: string | null
}

type Judge = (id: FindingId, message: string, fix: string) => Finding

export function ok(id: FindingId, message: string): Finding {
  return { id, area: findingAreas[id], status: 'ok', message, fix: null }
}

export const note: Judge = (id, message, fix) => finding(id, 'note', message, fix)
export const warn: Judge = (id, message, fix) => finding(id, 'warn', message, fix)
export const fail: Judge = (id, message, fix) => finding(id, 'fail', message, fix)

function finding(id: FindingId, status: Status, message: string, fix: string): Finding {
  return { id, area: findingAreas[id], status, message, fix }
}

/** What nobody could look at is told as such: silence would read like health. */
export function couldNotCheck(area: Area, reason: string, fix: string): Finding {
  return unseen(area, `${areas[area].toLowerCase()} could not be checked: ${reason}`, fix)
}

/** The same for something smaller than an area. */
export function unseen(area: Area, message: string, fix: string): Finding {
  return { id: 'not_checked', area, status: 'warn', message, fix }
}
