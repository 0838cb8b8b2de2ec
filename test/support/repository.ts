import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A real git repository in a temporary directory, with `main` checked out. */
export interface Repository {
  directory: string
  /** Writes the files (null deletes one), commits everything and resolves to the commit's hash. */
  commit(files: Record<string, string | Uint8Array | null>, message?: string): Promise<string>
  /** Runs git there and resolves to its output without the last newline. */
  git(...args: string[]): Promise<string>
  remove(): Promise<void>
}

/** Independent of the configuration of whoever runs the tests. */
const env = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
}

export async function makeRepository(): Promise<Repository> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-repository-')))
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', args, { cwd: directory, env, maxBuffer: 64 * 1024 * 1024 })
    return stdout.replace(/\n$/, '')
  }
  await git('init', '--quiet', '--initial-branch=main')
  return {
    directory,
    git,
    async commit(files, message = 'change') {
      for (const [path, content] of Object.entries(files)) await put(join(directory, path), content)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`)
      return git('rev-parse', 'HEAD')
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

async function put(file: string, content: string | Uint8Array | null): Promise<void> {
  if (content === null) return rm(file, { recursive: true })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
