import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Processes } from '../../ports/process.ts'
import type { GitFacts } from './facts.ts'

// The repository's own configuration must not start a program: we only read.
const settings = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null']

/** What git knows about a directory; nothing of it is needed. */
export async function surveyGit(
  directory: string,
  processes: Pick<Processes, 'run'>,
): Promise<GitFacts> {
  const ask = (...args: string[]) => answer(processes, directory, args)
  const [root, email, names] = await Promise.all([
    ask('rev-parse', '--show-toplevel'),
    ask('config', '--get', 'user.email'),
    ask('remote'),
  ])
  if (root === null) {
    return { root, silent: await isBelowGit(directory), remote: null, branch: null, email }
  }
  const remotes = names?.split('\n') ?? []
  const remote = remotes.includes('origin') ? 'origin' : (remotes[0] ?? 'origin')
  const [url, head, current] = await Promise.all([
    ask('config', '--get', `remote.${remote}.url`),
    ask('symbolic-ref', '--short', `refs/remotes/${remote}/HEAD`),
    ask('symbolic-ref', '--short', 'HEAD'),
  ])
  const branch = branchOf(head, remote, current)
  return { root, silent: false, remote: remoteOf(url), branch, email }
}

async function isBelowGit(directory: string): Promise<boolean> {
  const found = await lstat(join(directory, '.git')).catch(() => null)
  if (found !== null) return true
  return dirname(directory) !== directory && isBelowGit(dirname(directory))
}

function branchOf(head: string | null, remote: string, current: string | null): GitFacts['branch'] {
  if (head?.startsWith(`${remote}/`)) return { name: head.slice(remote.length + 1), sure: true }
  return current === null ? null : { name: current, sure: false }
}

/** The remote without what people write into it by mistake: a user name, a password, a token. */
export function remoteOf(text: string | null): GitFacts['remote'] {
  if (text === null) return null
  const parsed = /^[\w+.-]+:\/\//.test(text) ? URL.parse(text) : null
  const short = /^(?:[^@/]*@)?([\w.-]+):(?!\/\/)(.+)$/.exec(text)
  const host = parsed?.host ?? short?.[1] ?? null
  const path = parsed?.pathname ?? short?.[2] ?? null
  if (host === null || path === null || host === '') return null
  const name = path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  const isPair = /^[\w.-]+\/[\w.-]+$/.test(name)
  return { url: `${host}/${name}`, repository: isPair ? name : null }
}

async function answer(
  processes: Pick<Processes, 'run'>,
  cwd: string,
  args: string[],
): Promise<string | null> {
  try {
    const { exitCode, stdout } = await processes.run(['git', ...settings, ...args], {
      cwd,
      timeoutMs: 10_000,
      maxBytes: 64 * 1024,
    })
    const text = new TextDecoder().decode(stdout).trim()
    return exitCode === 0 && text !== '' ? text : null
  } catch (error) {
    // Without git there is less to know; an interruption still ends everything.
    if ((error as { code?: unknown }).code === 'missing_program') return null
    throw error
  }
}
