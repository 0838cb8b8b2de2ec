import { createHash } from 'node:crypto'
import { parseAdminTokens, type AdminToken } from '../core/admin-token.ts'
import { tokenWeakness } from '../core/token-strength.ts'

interface VariableWords {
  meaning: string
  /** What holds when it is unset, in words. */
  fallback: string
}

/** Every variable gonogo reads from its own environment, with its line of the reference. */
export const environmentVariables = {
  GONOGO_PROJECT: {
    meaning: 'Directory that holds `gonogo.yaml`, when `--project` does not say.',
    fallback: 'the current directory, or the nearest above it',
  },
  STAGING_URL: {
    meaning: 'Base URL of the environment `staging`; wins over the file.',
    fallback: '`environments.staging.url`',
  },
  PRODUCTION_URL: {
    meaning: 'Base URL of the environment `production`; wins over the file.',
    fallback: '`environments.production.url`',
  },
  DEPLOYMENT_AUDIT_LOG: {
    meaning: 'Path of the audit log; wins over the file.',
    fallback: '`audit_log`',
  },
  GONOGO_STATE_DIR: {
    meaning: 'Path of the state directory; wins over the file.',
    fallback: '`state_directory`',
  },
  GITHUB_REPOSITORY: {
    meaning:
      'Repository as `owner/name`: recorded, the one of `pipeline: github` where the file names none, and names a project without a file.',
    fallback: 'the remote `origin`, for `pipeline: github`; else nothing is recorded',
  },
  GITHUB_TOKEN: {
    meaning:
      'Secret. Token for GitHub, where the file names neither `github.token_command` nor `github.app`; never approves anything and never reaches a step. With `GITHUB_REPOSITORY` and without a file it makes the pipeline `github`.',
    fallback: 'no token',
  },
  GITHUB_API_URL: {
    meaning: "Base URL of GitHub's REST API, for `pipeline: github`; wins over the file.",
    fallback: '`github.api_url`',
  },
  DEPLOYMENT_ADMIN_TOKENS: {
    meaning:
      'Secret. Comma-separated static approval tokens, plain or as `name:sha256:<64 hex digits>` with or without `:<expiry>` (RFC 3339); setting it opts in to compatibility mode.',
    fallback: 'static tokens approve nothing',
  },
  GONOGO_TOKEN: {
    meaning:
      "Secret. The caller's token from `gonogo token create`: it names the caller, and its role and environments say which tools may be called.",
    fallback: '`GONOGO_TOKEN_FILE`, else the caller is who it says it is',
  },
  GONOGO_TOKEN_FILE: {
    meaning: 'Path of a file that holds that token and nothing else; `GONOGO_TOKEN` wins.',
    fallback: 'no file',
  },
  GONOGO_APPROVAL_TOKEN: {
    meaning:
      'Secret. A static approval token of the command line, where `--approval-token` would show it in the list of processes.',
    fallback: 'no token',
  },
  GONOGO_REVIEW_TOKEN: {
    meaning:
      "Secret. A person's own token for GitHub, with which `gonogo review` approves or rejects what a run waits for; nothing else reads it.",
    fallback: 'no token; `--gh` asks `gh auth token`',
  },
  GONOGO_DEBUG: {
    meaning: 'Any value: an error of the command line comes with its stack and cause.',
    fallback: 'off',
  },
  TERM: {
    meaning: '`dumb`: lines that were written are not drawn over.',
    fallback: 'live views are redrawn on a terminal',
  },
  NO_COLOR: {
    meaning: 'Any value: no colours, like `--no-color`.',
    fallback: 'colours on a terminal',
  },
  FORCE_COLOR: {
    meaning: 'Colours even where the output is no terminal; `--no-color` wins.',
    fallback: 'colours on a terminal',
  },
  XDG_STATE_HOME: {
    meaning: 'Where state directories are by default; a relative path is ignored.',
    fallback: '`~/.local/state`',
  },
  HOME: {
    meaning: 'What `~/` at the start of a path stands for.',
    fallback: "the user's home directory",
  },
  PATH: {
    meaning: 'Where the programs of steps, tests and gonogo itself are looked for.',
    fallback: 'programs are not found',
  },
  XDG_CONFIG_HOME: {
    meaning: 'Where `gonogo install` looks for the configuration of desktop clients on Linux.',
    fallback: '`~/.config`',
  },
  APPDATA: {
    meaning: 'The same on Windows.',
    fallback: '`~/AppData/Roaming`',
  },
  GH_CONFIG_DIR: {
    meaning:
      'Handed on to `github.token_command`, and to `gh` by `gonogo review approve ID --gh`, like `XDG_RUNTIME_DIR` and `DBUS_SESSION_BUS_ADDRESS`, for it to find what you signed in with.',
    fallback: "gh's own configuration",
  },
  XDG_RUNTIME_DIR: {
    meaning: 'The same.',
    fallback: 'nothing is handed on',
  },
  DBUS_SESSION_BUS_ADDRESS: {
    meaning: 'The same.',
    fallback: 'nothing is handed on',
  },
  CLAUDE_CONFIG_DIR: {
    meaning: 'Where `gonogo install` looks for the configuration of Claude Code.',
    fallback: '`~/.claude.json` and `~/.claude`',
  },
  CODEX_HOME: {
    meaning: 'The same for Codex.',
    fallback: '`~/.codex`',
  },
  GEMINI_CLI_HOME: {
    meaning: 'The same for the Gemini CLI, which adds `.gemini` to it.',
    fallback: '`~`',
  },
  HTTPS_PROXY: {
    meaning:
      'Proxy for requests to GitHub (from Node.js 24.14 on), like `HTTP_PROXY`, `NO_PROXY`, `https_proxy`, `http_proxy` and `no_proxy`, and handed on to `npm audit`; image registries are asked through it, too. gonogo itself asks live systems directly.',
    fallback: 'GitHub and image registries are asked directly; for npm its own configuration',
  },
  GONOGO_REGISTRY_HOST: {
    meaning:
      'Image registry that the next two are for, such as `ghcr.io`; they are sent to it and its token service, over HTTPS, and nowhere else.',
    fallback: 'what `docker login` left behind',
  },
  GONOGO_REGISTRY_USER: {
    meaning: 'User of that registry, for `images`.',
    fallback: 'the same',
  },
  GONOGO_REGISTRY_PASSWORD: {
    meaning: 'Secret. Password or token of that user; one that may read is enough.',
    fallback: 'the same',
  },
  DOCKER_CONFIG: {
    meaning:
      "Directory of Docker's `config.json`, where `docker login` keeps credentials of image registries. Its helper programs (`docker-credential-…`) are handed this variable and `PATH`, `HOME`, `USER`, `LOGNAME`, `LANG`, `TMPDIR`, `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `XDG_RUNTIME_DIR`, `DBUS_SESSION_BUS_ADDRESS`, `GNUPGHOME`, `PASSWORD_STORE_DIR`, `AWS_PROFILE`, `AWS_REGION`, `CLOUDSDK_CONFIG`, `HTTPS_PROXY` and `NO_PROXY`; nothing else.",
    fallback: '`~/.docker`',
  },
  SSH_AUTH_SOCK: {
    meaning:
      'The key agent: asked whether it holds the key that signs, which makes an approval level L0.',
    fallback: 'no agent',
  },
} as const satisfies Record<string, VariableWords>

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
  /** Static approval tokens by their hashes. */
  admin_tokens: AdminToken[]
  /** Those that were given as they are, for nothing but keeping them out of outputs. */
  plain_tokens: string[]
}

/** Takes the secrets out of the process environment; `problems` names what cannot be read, never quoting it. */
export function readSecrets(env: ProcessEnv): Secrets & { problems: string[] } {
  const { tokens, plain, problems } = parseAdminTokens(
    readVariable(env, 'DEPLOYMENT_ADMIN_TOKENS') ?? '',
    { sha256, moment, weaknessOf: tokenWeakness },
  )
  return {
    github_token: readVariable(env, 'GITHUB_TOKEN') ?? null,
    admin_tokens: tokens,
    plain_tokens: plain,
    problems: problems.map((problem) => `DEPLOYMENT_ADMIN_TOKENS: ${problem}`),
  }
}

const rfc3339 = /^\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/

/** A date alone is its beginning in UTC. */
function moment(text: string): number {
  return rfc3339.test(text) ? Date.parse(text) : NaN
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
