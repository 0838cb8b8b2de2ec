import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A bare repository, as the handlers read it. Nothing here writes. */
export interface Git {
  /** What git prints; null when it fails. */
  read(...args: string[]): Promise<string | null>
  bytes(...args: string[]): Promise<Buffer | null>
  /** The commit that a branch, a tag or a hash names; null for none. */
  commit(ref: string): Promise<string | null>
  /** References whose full name begins so, in order. */
  refs(prefix: string): Promise<GitRef[]>
  /** `refs/heads/NAME` of the repository's default branch, as a name. */
  defaultBranch(): Promise<string>
}

export interface GitRef {
  /** `refs/heads/main`. */
  name: string
  /** What it points to: a commit, or an annotated tag. */
  object: { type: string; sha: string }
  /** The commit behind it. */
  commit: string
}

/** Independent of the configuration of whoever runs the tests. */
const environment = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}

/** Subcommands whose answer is settled for ever once they name an object by its full hash. */
const settled = new Set([
  'archive',
  'cat-file',
  'diff',
  'ls-tree',
  'merge-base',
  'rev-list',
  'rev-parse',
  'show',
])

/** What these say of a hash is the same in every repository that has it. */
const universal = new Set(['ls-tree', 'show'])
const everywhere = new Map<string, Buffer>()

/** Each start of git costs a request some milliseconds; what cannot change is asked for once. */
function remembering(directory: string): (...args: string[]) => Promise<Buffer | null> {
  const here = new Map<string, Buffer>()
  const ask = async (args: string[]) => {
    try {
      const { stdout } = await run('git', ['--git-dir', directory, ...args], {
        env: environment,
        encoding: 'buffer',
        maxBuffer: 256 * 1024 * 1024,
      })
      return stdout
    } catch {
      return null
    }
  }
  return async (...args) => {
    const isSettled = settled.has(args[0] ?? '') && args.some(isHashed) && !args.some(mayMove)
    // Everything else depends on where the references point, which is quicker to read than to ask.
    const known = isSettled && universal.has(args[0] ?? '') ? everywhere : here
    const key = [isSettled ? '' : await referencesOf(directory), ...args].join('\0')
    const answer = known.get(key) ?? (await ask(args))
    if (answer !== null) known.set(key, answer)
    return answer
  }
}

async function referencesOf(directory: string): Promise<string> {
  const loose = await readdir(join(directory, 'refs'), { recursive: true, withFileTypes: true })
  const files = loose.filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted()
  const all = [join(directory, 'HEAD'), join(directory, 'packed-refs'), ...paths]
  const texts = await Promise.all(all.map((path) => readFile(path, 'utf8').catch(() => '')))
  return all.map((path, index) => `${path}=${texts[index]}`).join('\n')
}

function isHashed(argument: string): boolean {
  return /\b[0-9a-f]{40}\b/.test(argument)
}

/** A name of a branch in it, or a range whose ends are not both hashes. */
function mayMove(argument: string): boolean {
  const [from = '', to] = argument.split(/\.{2,3}/)
  return /refs\/|HEAD/.test(argument) || (to !== undefined && isHashed(from) && !isHashed(to))
}

/** One for each repository, so that all who read it share what is known. */
const opened = new Map<string, Git>()

export function openGit(directory: string): Git {
  const git = opened.get(directory) ?? reader(directory)
  opened.set(directory, git)
  return git
}

function reader(directory: string): Git {
  const bytes = remembering(directory)
  const read = async (...args: string[]) => (await bytes(...args))?.toString('utf8') ?? null
  const refs = async (prefix: string) => {
    const format = '%(refname)%00%(objecttype)%00%(objectname)%00%(*objectname)'
    const text = (await read('for-each-ref', `--format=${format}`)) ?? ''
    return text
      .split('\n')
      .filter((line) => line.startsWith(prefix))
      .map((line) => {
        const [name = '', type = '', sha = '', peeled = ''] = line.split('\0')
        return { name, object: { type, sha }, commit: peeled === '' ? sha : peeled }
      })
  }
  const hashed = async (hash: string) =>
    (await read('rev-parse', '--verify', '--quiet', '--end-of-options', `${hash}^{commit}`))?.trim()
  return {
    read,
    bytes,
    refs,
    async commit(ref) {
      const isHash = /^[0-9a-f]{7,40}$/.test(ref)
      if (ref.length === 40 && isHash) return (await hashed(ref)) ?? null
      const there = new Map((await refs('refs/')).map(({ name, commit }) => [name, commit]))
      const names = [ref, `refs/${ref}`, `refs/heads/${ref}`, `refs/tags/${ref}`]
      const found = names.map((name) => there.get(name)).find((commit) => commit !== undefined)
      return found ?? (isHash ? ((await hashed(ref)) ?? null) : null)
    },
    async defaultBranch() {
      return (await read('symbolic-ref', 'HEAD'))?.trim().replace('refs/heads/', '') ?? 'main'
    },
  }
}
