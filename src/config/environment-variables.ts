/** Every variable the configuration reads from the process, with its line of the reference. */
export const environmentVariables = {
  GONOGO_PROJECT: 'Directory that holds `gonogo.yaml`, when `--project` does not say.',
  STAGING_URL: 'Base URL of the environment `staging`; wins over the file.',
  PRODUCTION_URL: 'Base URL of the environment `production`; wins over the file.',
  DEPLOYMENT_AUDIT_LOG: 'Path of the audit log; wins over the file.',
  GONOGO_STATE_DIR: 'Path of the state directory; wins over the file.',
  GITHUB_REPOSITORY: 'Repository as `owner/name`: recorded, and names a project without a file.',
  GITHUB_TOKEN: 'Secret. Token for GitHub; never approves anything and never reaches a step.',
  DEPLOYMENT_ADMIN_TOKENS:
    'Secret. Comma-separated static approval tokens; setting it opts in to compatibility mode.',
  XDG_STATE_HOME: 'Where state directories are by default; `~/.local/state` when unset.',
  HOME: 'What `~/` at the start of a path stands for.',
} as const

/** A process environment, as handed in. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>

/** The value of a documented variable; blank counts as unset. */
export function readVariable(
  env: ProcessEnv,
  name: keyof typeof environmentVariables,
): string | undefined {
  return env[name]?.trim() || undefined
}

/** What must never enter a `Project`, a plan or a log. */
export interface Secrets {
  github_token: string | null
  admin_tokens: string[]
}

/** Takes the secrets out of the process environment. */
export function readSecrets(env: ProcessEnv): Secrets {
  const tokens = readVariable(env, 'DEPLOYMENT_ADMIN_TOKENS')?.split(',') ?? []
  return {
    github_token: readVariable(env, 'GITHUB_TOKEN') ?? null,
    admin_tokens: tokens.map((token) => token.trim()).filter((token) => token !== ''),
  }
}
