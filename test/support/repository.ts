import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
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
export const gitEnvironment = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
}

export async function makeRepository(): Promise<Repository> {
  const repository = await openDirectory()
  const directory = join(repository.directory, '.git')
  // What `git init` makes, without a start of git.
  await mkdir(join(directory, 'objects'), { recursive: true })
  await mkdir(join(directory, 'refs'))
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(directory, 'config'), config)
  return repository
}

const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
`

interface Template {
  sha: string
  /** Path below the directory, and content. */
  files: [string, Buffer][]
}

/** By the files of the commit. */
const templates = new Map<string, Promise<Template>>()

/** One with a first commit of these files. Git makes the first of a kind; others are copies of it. */
export async function makeRepositoryOf(
  files: Record<string, string>,
): Promise<{ repository: Repository; sha: string }> {
  const key = JSON.stringify(files)
  const made = templates.get(key) ?? makeTemplate(files)
  templates.set(key, made)
  const template = await made
  const repository = await openDirectory()
  for (const [path, content] of template.files) await put(join(repository.directory, path), content)
  return { repository, sha: template.sha }
}

async function makeTemplate(files: Record<string, string>): Promise<Template> {
  const repository = await makeRepository()
  try {
    const { directory } = repository
    const sha = await repository.commit(files)
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    const paths = entries.flatMap((entry) =>
      entry.isFile() ? [relative(directory, join(entry.parentPath, entry.name))] : [],
    )
    const read = async (path: string) =>
      [path, await readFile(join(directory, path))] satisfies [string, Buffer]
    return { sha, files: await Promise.all(paths.map(read)) }
  } finally {
    await repository.remove()
  }
}

async function openDirectory(): Promise<Repository> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-repository-')))
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', args, {
      cwd: directory,
      env: gitEnvironment,
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout.replace(/\n$/, '')
  }
  return {
    directory,
    git,
    async commit(files, message = 'change') {
      for (const [path, content] of Object.entries(files)) await put(join(directory, path), content)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`)
      return await headOf(join(directory, '.git'))
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** As `git rev-parse HEAD` says right after a commit, without a start of git. */
async function headOf(directory: string): Promise<string> {
  const head = (await readFile(join(directory, 'HEAD'), 'utf8')).trim()
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  return ref === undefined ? head : (await readFile(join(directory, ref), 'utf8')).trim()
}

async function put(file: string, content: string | Uint8Array | null): Promise<void> {
  if (content === null) return rm(file, { recursive: true })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
