import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const firstCommit = Date.parse('2026-01-05T09:00:00Z')
const hour = 3_600_000

export interface Repository {
  branchFrom(start: string, branch: string): Promise<void>
  switchTo(branch: string): Promise<void>
  commit(message: string): Promise<string>
  tag(name: string): Promise<void>
}

/** Who, when and which settings are fixed, so that the same files always get the same SHAs. */
export async function createRepository(directory: string): Promise<Repository> {
  let commits = 0

  async function git(...args: string[]): Promise<string> {
    const settings = ['-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false']
    const env = environmentAt(firstCommit + commits * hour)
    const { stdout } = await run('git', [...settings, ...args], { cwd: directory, env })
    return stdout.trim()
  }

  await git('init', '--quiet', '--initial-branch=main', '--template=')
  return {
    async branchFrom(start, branch) {
      await git('switch', '--quiet', '--create', branch, start)
    },
    async switchTo(branch) {
      await git('switch', '--quiet', branch)
    },
    async commit(message) {
      commits += 1
      await git('add', '--all')
      await git('commit', '--quiet', `--message=${message}`)
      return git('rev-parse', 'HEAD')
    },
    async tag(name) {
      await git('tag', '--annotate', `--message=${name}`, name)
    },
  }
}

/** Nothing else is inherited: a GIT_DIR of the caller would send the commits elsewhere. */
function environmentAt(time: number): NodeJS.ProcessEnv {
  const date = new Date(time).toISOString()
  return {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'Clinic Developer',
    GIT_AUTHOR_EMAIL: 'developer@clinic.example',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Clinic Developer',
    GIT_COMMITTER_EMAIL: 'developer@clinic.example',
    GIT_COMMITTER_DATE: date,
  }
}
