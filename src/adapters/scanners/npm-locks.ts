import { basename, dirname, join } from 'node:path/posix'
import type { Source } from '../../ports/source.ts'

/** What `npm audit` needs of one npm project. */
export interface LockedProject {
  /** Path of the lock file in the commit. */
  path: string
  lock: Uint8Array
  /** The package.json beside it; null when the commit has none. */
  manifest: Uint8Array | null
}

// The order of npm: a shrinkwrap file makes it ignore the lock file beside it.
const lockNames = ['npm-shrinkwrap.json', 'package-lock.json']

/** The npm projects of a commit, those nearest to the root first. */
export async function findLockedProjects(
  source: Pick<Source, 'files' | 'readFile'>,
  sha: string,
): Promise<LockedProject[]> {
  const paths: string[] = []
  for await (const { path } of source.files(sha)) {
    if (lockNames.includes(basename(path)) && !path.split('/').includes('node_modules')) {
      paths.push(path)
    }
  }
  const projects: LockedProject[] = []
  for (const path of effective(paths)) {
    const lock = await source.readFile(sha, path)
    const manifest = await source.readFile(sha, join(dirname(path), 'package.json'))
    if (lock !== null) projects.push({ path, lock, manifest })
  }
  return projects
}

function effective(paths: readonly string[]): string[] {
  const shrinkwrapped = new Set(
    paths.filter((path) => basename(path) === lockNames[0]).map((path) => dirname(path)),
  )
  return paths
    .filter((path) => basename(path) === lockNames[0] || !shrinkwrapped.has(dirname(path)))
    .toSorted((left, right) => depth(left) - depth(right) || (left < right ? -1 : 1))
}

function depth(path: string): number {
  return path.split('/').length
}
