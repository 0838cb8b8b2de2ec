import type { ApproverRule, Environment, Project, VariableRule } from '../../src/core/project.ts'
import type { HttpExpectation, HttpStep, SmokeSuites } from '../../src/core/smoke.ts'

export function fakeProject(changes: Partial<Project> = {}): Project {
  return {
    name: 'clinic',
    repository: '/srv/clinic.git',
    default_branch: 'main',
    state_directory: '/var/lib/clinic',
    audit_log: '/var/lib/clinic/audit.jsonl',
    pipeline: 'local',
    github: null,
    environments: [fakeEnvironment('staging'), fakeEnvironment('production')],
    approvals: {
      mode: 'standard',
      signers_file: '/etc/approvers',
      signers_in_repository: null,
      github: 'off',
      people: {},
      groups: {},
      break_glass_minutes: 10,
    },
    evidence_hours: 24,
    tests: [
      { name: 'unit', run: ['npm', 'test'], directory: '.', timeout_seconds: 60, junit: null },
    ],
    migrations: { paths: [], framework: null },
    images: [],
    freeze: [],
    audit: {
      checkpoint: { lines: 100, minutes: 10 },
      key_file: '/var/lib/clinic/audit-key',
      anchors: { github_deployment: false, git_ref: null, file: null, stderr: false },
      rotate_mb: null,
      streams: [],
    },
    notifications: [],
    callers: { token: 'optional' },
    custom_checks: [],
    validation: { check_timeout_seconds: 60, timeout_seconds: 120 },
    security: { thresholds: { critical: 0, high: 3 }, count: 'all', npm_registry: null },
    smoke: smokeSuites({
      basic: [smokeStep('home'), smokeStep('log in')],
      full: [smokeStep('report')],
    }),
    github_repository: null,
    config_file: '/srv/gonogo.yaml',
    ...changes,
  }
}

export function fakeEnvironment(name: string, changes: Partial<Environment> = {}): Environment {
  return {
    name,
    url: `http://${name}.test`,
    health: { api: `http://${name}.test/health` },
    version: { url: `http://${name}.test/version`, json_path: 'commit' },
    checks: {
      git_ref_valid: 'required',
      tests_passed: 'required',
      security_scan: 'required',
      migrations_safe: 'advisory',
      environment_config: 'advisory',
      docker_images: 'off',
      preflight: 'required',
      changes_reviewed: 'advisory',
      environment_protection: 'advisory',
      freeze_window: 'required',
      environment_lock: 'advisory',
      clock_skew: 'advisory',
    },
    approval: name === 'production' ? 'required' : 'none',
    least_level: 'L0',
    approvers: approverRule(),
    verify: 'basic',
    variables: {
      SESSION_SECRET: variableRule({ min_length: 32, forbidden: ['changeme'] }),
    },
    env: {},
    pass_env: [],
    env_file: null,
    local: null,
    github: { environment: name, workflow: null, job: null, inputs: {} },
    ...changes,
  }
}

export function approverRule(changes: Partial<ApproverRule> = {}): ApproverRule {
  return {
    count: 1,
    people: [],
    self_approval: 'auto',
    validity_minutes: 30,
    reason: 'optional',
    ...changes,
  }
}

export function variableRule(changes: Partial<VariableRule> = {}): VariableRule {
  const any = { must_be: 'any', wildcard: 'auto', in: 'any' } as const
  return { required: true, min_length: 0, format: 'text', forbidden: [], ...any, ...changes }
}

/** The suites of a project, and what is different. */
export function smokeSuites(changes: Partial<SmokeSuites> = {}): SmokeSuites {
  return {
    setup: [],
    basic: [],
    full: [],
    teardown: [],
    teardown_seconds: 30,
    allowed_hosts: [],
    concurrency: 16,
    ...changes,
  }
}

export function smokeStep(name: string, changes: Partial<HttpStep> = {}): HttpStep {
  return {
    kind: 'http',
    name,
    method: 'GET',
    path: `/${name.replaceAll(' ', '-')}`,
    url: null,
    headers: {},
    body: undefined,
    expect: httpExpectation(),
    capture: {},
    capture_headers: {},
    follow_redirects: false,
    timeout_seconds: 10,
    parallel: false,
    retry: null,
    ...changes,
  }
}

export function httpExpectation(changes: Partial<HttpExpectation> = {}): HttpExpectation {
  return {
    status: 200,
    headers: {},
    json: {},
    json_schema: null,
    body_contains: [],
    body_not_contains: [],
    latency: null,
    tls_days_left: null,
    version: false,
    ...changes,
  }
}
