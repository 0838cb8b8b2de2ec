import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type {
  AuditPolicy,
  AuditStream,
  Environment,
  GitHubSettings,
  Project,
} from '../core/project.ts'
import { buildSmoke } from './build-smoke.ts'
import { readVariable, type ProcessEnv } from './environment-variables.ts'
import { freezeWindows, type Holidays } from './holidays.ts'
import type { Location } from './locate.ts'
import { githubSection } from './schema-github.ts'
import type { Config } from './schema.ts'
import { below } from './urls.ts'

type Resolve = (path: string) => string

/** Makes paths of the file absolute; `~/` is the user's home, because a literal `~` never is meant. */
export function pathResolver(location: Location, env: ProcessEnv): Resolve {
  return (path) =>
    path.startsWith('~/') ? join(home(env), path.slice(2)) : resolve(location.directory, path)
}

/** The effective configuration of a checked file. */
export function buildProject(
  config: Config,
  location: Location,
  env: ProcessEnv,
  holidays: Holidays,
): Project {
  const absolute = pathResolver(location, env)
  const state = config.state_directory ?? defaultStateDirectory(config.project, location, env)
  const inState = (path: string | undefined, name: string) =>
    path === undefined ? join(absolute(state), name) : absolute(path)
  const sections = Object.entries(config.environments)
  return {
    name: config.project,
    repository: absolute(config.repository),
    default_branch: config.default_branch ?? null,
    state_directory: absolute(state),
    audit_log: inState(config.audit_log, 'audit.jsonl'),
    pipeline: config.pipeline ?? null,
    github: config.pipeline === 'github' ? githubSettings(config.github, absolute, env) : null,
    environments: sections.map(([name, section], index) =>
      buildEnvironment(name, section, { absolute, config, isLast: index === sections.length - 1 }),
    ),
    approvals: approvalSettings(config, inState(config.approvals.signers_file, 'approvers')),
    evidence_hours: config.evidence_hours,
    tests: config.tests.map(({ junit = null, ...test }) => ({ ...test, junit })),
    migrations: { ...config.migrations, framework: config.migrations.framework ?? null },
    images: config.images,
    freeze: freezeWindows(config, absolute, holidays),
    audit: auditPolicy(config.audit, absolute, inState(config.audit.key_file, 'audit-key')),
    notifications: config.notifications.map(notificationTarget),
    callers: config.callers,
    custom_checks: config.custom_checks.map(customCheck),
    validation: config.validation,
    security: { ...config.security, npm_registry: config.security.npm_registry ?? null },
    smoke: buildSmoke(config.smoke),
    github_repository: readVariable(env, 'GITHUB_REPOSITORY') ?? null,
    config_file: location.file,
  }
}

function approvalSettings({ approvals }: Config, signers_file: string): Project['approvals'] {
  return {
    ...approvals,
    signers_file,
    signers_in_repository: approvals.signers_in_repository ?? null,
  }
}

function notificationTarget(
  target: Config['notifications'][number],
): Project['notifications'][number] {
  return { ...target, secret_env: target.secret_env ?? null }
}

function customCheck(check: Config['custom_checks'][number]): Project['custom_checks'][number] {
  return { ...check, run: check.run ?? null, url: check.url ?? null }
}

function buildEnvironment(
  name: string,
  section: Config['environments'][string],
  context: { absolute: Resolve; config: Config; isLast: boolean },
): Environment {
  const { absolute, config, isLast } = context
  const { url = null, local, version, github } = section
  const under = (path: string) => below(url ?? '', path)
  return {
    ...section,
    name,
    url,
    health: Object.fromEntries(
      Object.entries(section.health).map(([component, path]) => [component, under(path)]),
    ),
    version: version
      ? { url: version.url ?? under(version.path ?? ''), json_path: version.json_path }
      : null,
    approval: section.approval ?? (isLast ? 'required' : 'none'),
    approvers: {
      ...section.approvers,
      self_approval: section.approvers.self_approval ?? config.approvals.self_approval,
      validity_minutes: section.approvers.validity_minutes ?? config.approvals.validity_minutes,
    },
    verify: section.verify ?? (config.smoke.basic.length > 0 ? 'basic' : 'off'),
    env_file: section.env_file === undefined ? null : absolute(section.env_file),
    local: local ? { ...local, directory: absolute(local.directory) } : null,
    github: githubTarget(name, github),
  }
}

function auditPolicy(
  { anchors, rotate_mb, streams, checkpoint }: Config['audit'],
  absolute: Resolve,
  key_file: string,
): AuditPolicy {
  const { git_ref = null, file, ...others } = anchors
  return {
    checkpoint,
    key_file,
    rotate_mb: rotate_mb ?? null,
    anchors: { ...others, git_ref, file: file === undefined ? null : absolute(file) },
    streams: streams.map((stream) => auditStream(stream, absolute)),
  }
}

function auditStream(stream: Config['audit']['streams'][number], absolute: Resolve): AuditStream {
  if (stream.kind === 'file') return { ...stream, path: absolute(stream.path) }
  return stream.kind === 'webhook' ? { ...stream, secret_env: stream.secret_env ?? null } : stream
}

function githubTarget(
  name: string,
  section: Config['environments'][string]['github'],
): Environment['github'] {
  const { environment = name, workflow = null, job = null, inputs = {} } = section ?? {}
  return { environment, workflow, job, inputs }
}

/**
 * The repository decides where deployments go, so the variable is part of the policy where it counts.
 * The file wins over it: other programs set it, too, and mean the repository they run for.
 */
function githubSettings(
  section: Config['github'],
  absolute: Resolve,
  env: ProcessEnv,
): GitHubSettings {
  const { app, ...rest } = section ?? githubSection.parse({})
  return {
    ...rest,
    repository: rest.repository ?? readVariable(env, 'GITHUB_REPOSITORY') ?? null,
    api_url: rest.api_url.replace(/\/+$/, ''),
    ref: rest.ref ?? null,
    token_command: rest.token_command ?? null,
    app: app ? { ...app, private_key_file: absolute(app.private_key_file) } : null,
    tests: { ...rest.tests, suites: rest.tests.suites.map(withNulls) },
  }
}

function withNulls(
  suite: NonNullable<Config['github']>['tests']['suites'][number],
): GitHubSettings['tests']['suites'][number] {
  const { job = null, junit_artifact = null, counts_check = null, ...rest } = suite
  return { ...rest, job, junit_artifact, counts_check }
}

// Hashing the directory and not the file keeps the state when a file is added or renamed.
function defaultStateDirectory(project: string, location: Location, env: ProcessEnv): string {
  const configured = readVariable(env, 'XDG_STATE_HOME')
  // The XDG specification: a relative path is invalid and ignored.
  const base =
    configured !== undefined && isAbsolute(configured)
      ? configured
      : join(home(env), '.local/state')
  const hash = createHash('sha256').update(location.directory).digest('hex')
  return join(base, 'gonogo', `${project}-${hash.slice(0, 8)}`)
}

function home(env: ProcessEnv): string {
  return readVariable(env, 'HOME') ?? homedir()
}
