import type { LiveService } from './live-server.ts'

/** gonogo.yaml as data: JSON is YAML. */
export interface SmallConfig {
  environments: Record<string, EnvironmentConfig>
  [key: string]: unknown
}

export interface EnvironmentConfig {
  local: { directory: string; prepare: StepConfig[]; activate: StepConfig[] }
  [key: string]: unknown
}

interface StepConfig {
  name: string
  run: readonly string[]
  timeout_seconds?: number
}

const script = {
  prepare: 'echo "$GONOGO_DEPLOYMENT_ID prepare" >> "$ROOT/witness"',
  activate: `echo "$GONOGO_DEPLOYMENT_ID activate" >> "$ROOT/witness"
    while [ -e "$ROOT/hang-$GONOGO_VERSION" ]; do sleep 0.05; done
    ! [ -e "$ROOT/fail-$GONOGO_VERSION" ]`,
}

export function configuration(
  root: string,
  repository: string,
  live: Record<string, LiveService>,
): SmallConfig {
  const environment = (name: string, { url }: LiveService) => ({
    url,
    version: { path: '/version', json_path: 'commit' },
    health: { api: '/health' },
    // What these projects are for is how a deployment goes, and each look at a commit takes processes.
    checks: {
      git_ref_valid: 'off',
      tests_passed: 'off',
      security_scan: 'off',
      migrations_safe: 'off',
    },
    env: { ROOT: root },
    local: { directory: `./${name}`, prepare: [stepOf('prepare')], activate: [stepOf('activate')] },
  })
  return {
    project: 'small',
    repository,
    default_branch: 'main',
    pipeline: 'local',
    state_directory: './state',
    smoke: { basic: [{ name: 'answers', path: '/health', timeout_seconds: 1 }] },
    environments: Object.fromEntries(
      Object.entries(live).map(([name, service]) => [name, environment(name, service)]),
    ),
  }
}

/** A shell line keeps a step readable; the product never builds one. */
function stepOf(name: keyof typeof script): StepConfig {
  return { name, run: ['sh', '-c', script[name]] }
}
