import type { Environment, Project, SmokeStep } from '../../src/core/project.ts'

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
      validity_minutes: 30,
      self_approval: 'auto',
    },
    evidence_hours: 24,
    tests: [{ name: 'unit', run: ['npm', 'test'], directory: '.', timeout_seconds: 60 }],
    security: { thresholds: { critical: 0, high: 3 }, npm_registry: null },
    smoke: { basic: [smokeStep('home'), smokeStep('log in')], full: [smokeStep('report')] },
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
    },
    approval: name === 'production' ? 'required' : 'none',
    least_level: 'L0',
    verify: 'basic',
    variables: {
      SESSION_SECRET: { required: true, min_length: 32, format: 'text', forbidden: ['changeme'] },
    },
    env: {},
    pass_env: [],
    env_file: null,
    local: null,
    github: { environment: name, workflow: null, job: null, inputs: {} },
    ...changes,
  }
}

export function smokeStep(name: string): SmokeStep {
  return {
    name,
    method: 'GET',
    path: `/${name.replaceAll(' ', '-')}`,
    headers: {},
    body: undefined,
    expect: { status: 200, headers: {}, json: {} },
    capture: {},
    follow_redirects: false,
    timeout_seconds: 10,
  }
}
