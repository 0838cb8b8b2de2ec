import { Failure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'
import type { Processes } from '../../../ports/process.ts'
import type { GitHubClient, Repository } from './github-client.ts'

/** Which GitHub an API address belongs to. */
export interface Place {
  host: GitHubClient['host']
  webUrl: string
  /** The host in the address of a git remote. */
  gitHost: string
}

/** GHES answers below `/api/v3`; everything else on a host of its own for the API. */
export function placeOf(apiUrl: string): Place {
  const url = new URL(apiUrl)
  if (/^\/api\/v3\/?$/.test(url.pathname)) {
    return { host: 'ghes', webUrl: url.origin, gitHost: url.hostname }
  }
  if (url.hostname === 'api.github.com') {
    return { host: 'github.com', webUrl: 'https://github.com', gitHost: 'github.com' }
  }
  if (url.hostname.endsWith('.ghe.com')) {
    const gitHost = url.hostname.replace(/^api\./, '')
    return { host: 'ghe.com', webUrl: `https://${gitHost}`, gitHost }
  }
  return { host: 'github.com', webUrl: url.origin, gitHost: url.hostname }
}

export interface RepositoryDeps {
  /** What the configuration says; null: the remote does. */
  configured: string | null
  /** Absolute path of the git repository. */
  directory: string
  place: Place
  processes: Pick<Processes, 'run'>
  env: Record<string, string>
}

/** The repository that is configured, else the one that the remote `origin` is. */
export async function findRepository(deps: RepositoryDeps): Promise<Repository> {
  const [owner, name] = deps.configured?.split('/') ?? []
  if (owner && name) return { owner, name }
  const remote = await remoteUrl(deps)
  const found = remote === null ? null : parseRemote(remote, deps.place.gitHost)
  if (found) return found
  const { gitHost } = deps.place
  const seen =
    remote === null ? 'there is no remote origin' : `the remote origin is not on ${gitHost}`
  throw new Failure({
    code: 'invalid_configuration',
    message: `no repository on GitHub is named: github.repository and GITHUB_REPOSITORY are not set, and ${seen}`,
    hint: `set github.repository: OWNER/NAME in gonogo.yaml, or GITHUB_REPOSITORY=OWNER/NAME, or: git -C ${oneLine(deps.directory)} remote add origin https://${gitHost}/OWNER/NAME.git`,
  })
}

async function remoteUrl({ directory, processes, env }: RepositoryDeps): Promise<string | null> {
  const argv = ['git', '-C', directory, 'config', '--get', 'remote.origin.url']
  const { exitCode, stdout } = await processes.run(argv, { env, timeoutMs: 10_000 })
  const text = Buffer.from(stdout).toString('utf8').trim()
  return exitCode === 0 && text !== '' ? text : null
}

/**
 * `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/...` and `git@HOST:OWNER/NAME`. Another host's
 * repository of the same name is another repository.
 */
function parseRemote(text: string, gitHost: string): Repository | null {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(.+)$/.exec(text)
  const url = scp ? null : URL.parse(text)
  const host = scp ? scp[1] : url?.hostname
  const path = scp ? scp[2] : url?.pathname
  if (!isHostOf(host?.toLowerCase(), gitHost) || path === undefined) return null
  const found = /^\/?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(path)
  return found?.[1] && found[2] ? { owner: found[1], name: found[2] } : null
}

/** GitHub also takes SSH on port 443, under another name. */
function isHostOf(host: string | undefined, gitHost: string): boolean {
  return host === gitHost.toLowerCase() || host === `ssh.${gitHost.toLowerCase()}`
}
