import { Failure } from '../../../core/failure.ts'
import type { GitHubSettings } from '../../../core/project.ts'
import { oneLine } from '../../../core/text.ts'
import type { Processes } from '../../../ports/process.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import { appCredentials } from './app-credentials.ts'
import type { Repository } from './github-client.ts'

/** Who gonogo is for GitHub. A token leaves this file only into the header of a request. */
export interface Credentials {
  /** Where the token comes from, in words that may be shown. */
  readonly source: string
  readonly kind: 'token' | 'command' | 'app' | 'person'
  token(): Promise<string>
  /** What answers may be shared by: the same whenever the same identity asks. */
  identity(): Promise<string>
  /** GitHub refused this token: true when there is another one now. */
  renew(refused: string): Promise<boolean>
  /** The login of an App, which its tokens may not ask for; null for other credentials. */
  login(repository: Repository): Promise<string | null>
  /** What an App may do here, once it has a token (`actions: write`); null for other credentials. */
  granted(): Record<string, string> | null
}

export interface CredentialsDeps {
  settings: Pick<GitHubSettings, 'token_command' | 'app'>
  /** GITHUB_TOKEN; null when it is not set. */
  token: string | null
  processes: Pick<Processes, 'run'>
  /** What the token command sees. */
  env: Record<string, string>
  runtime: Pick<Runtime, 'now' | 'sha256'>
  apiUrl: string
  fetch: typeof fetch
}

/** What the file names comes before the variable, which other programs set, too. */
export function credentialsFor(deps: CredentialsDeps): Credentials {
  const { settings, token, runtime } = deps
  if (settings.app) return appCredentials(settings.app, deps)
  if (settings.token_command) return commandCredentials(settings.token_command, deps)
  if (token !== null) return fixedCredentials(token, 'GITHUB_TOKEN', 'token', runtime)
  throw new Failure({
    code: 'not_permitted',
    message:
      'there is no token for GitHub: GITHUB_TOKEN is not set, and gonogo.yaml names neither github.token_command nor github.app',
    hint: 'set GITHUB_TOKEN, or github.token_command: [gh, auth, token] in gonogo.yaml (docs/github.md)',
  })
}

/** A token that was handed over. */
export function fixedCredentials(
  token: string,
  source: string,
  kind: Credentials['kind'],
  { sha256 }: Pick<Runtime, 'sha256'>,
): Credentials {
  const usable = usableToken(token, source)
  return {
    source,
    kind,
    token: async () => usable,
    identity: async () => sha256(usable),
    renew: async () => false,
    login: async () => null,
    granted: () => null,
  }
}

const commandTimeoutMs = 15_000

/** Asked once, and again only when GitHub refuses what it said: tokens of programs rotate. */
function commandCredentials(argv: readonly string[], deps: CredentialsDeps): Credentials {
  const source = `the command ${oneLine(argv[0] ?? '', 60)} (github.token_command)`
  let said: Promise<string> | undefined
  const ask = () => (said ??= runCommand(argv, source, deps))
  return {
    source,
    kind: 'command',
    token: ask,
    identity: async () => deps.runtime.sha256(await ask()),
    async renew(refused) {
      if ((await ask()) === refused) said = undefined
      return (await ask()) !== refused
    },
    login: async () => null,
    granted: () => null,
  }
}

/** Nothing of what the command printed is ever shown: it may be the token, on either stream. */
async function runCommand(
  argv: readonly string[],
  source: string,
  { processes, env }: CredentialsDeps,
): Promise<string> {
  const { exitCode, timedOut, stdout } = await processes.run(argv, {
    env,
    timeoutMs: commandTimeoutMs,
    maxBytes: 64 * 1024,
  })
  const text = Buffer.from(stdout).toString('utf8').trim()
  if (exitCode === 0 && text !== '') return usableToken(text, source)
  const how = timedOut
    ? `did not end within ${commandTimeoutMs / 1000} s`
    : exitCode === 0
      ? 'printed nothing'
      : `ended with exit code ${exitCode ?? 'none'}`
  throw new Failure({
    code: 'not_permitted',
    message: `there is no token for GitHub: ${source} ${how}`,
    hint: 'run the command by hand, and sign in where it asks for it; with gh: gh auth login',
  })
}

/** What cannot be a token would break the header, or show itself in an error about it. */
function usableToken(text: string, source: string): string {
  if (/^[\x21-\x7e]{1,8192}$/.test(text)) return text
  throw new Failure({
    code: 'not_permitted',
    message: `${source} gives no token: one line of letters, digits and signs is expected`,
    hint: 'a token begins like ghp_, github_pat_, gho_ or ghs_ and has no blanks',
  })
}
