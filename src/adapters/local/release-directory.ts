import { mkdir, readdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isFullSha, type Release } from '../../core/release.ts'
import { hasCode, readJson, syncDirectory } from './files.ts'

/** Says which release a directory holds and which deployment put it there. */
interface ReleaseMark extends Release {
  deployment: string
}

const markName = '.gonogo-release.json'

/** Unique per deployment, so that the same release deployed twice never shares a directory. */
export function releaseName(release: Release, correlationId: string): string {
  const version = release.version.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '')
  return `${version.slice(0, 64)}-${correlationId.slice(-8)}`
}

/** Where a release is checked out. */
export function releasePath(target: string, name: string): string {
  return join(target, 'releases', name)
}

/** Makes room for checkouts. */
export async function createTarget(target: string): Promise<void> {
  await mkdir(join(target, 'releases'), { recursive: true })
}

/** Written over whatever the commit has under that name: a commit does not say what it is. */
export async function markRelease(directory: string, mark: ReleaseMark): Promise<void> {
  const path = join(directory, markName)
  await rm(path, { recursive: true, force: true })
  await writeFile(path, `${JSON.stringify(mark)}\n`, { flag: 'wx', flush: true })
}

/** Points `current` to a release in one step: at every instant there is a current release. */
export async function switchCurrent(target: string, name: string): Promise<void> {
  const temporary = join(target, `.current-${name}`)
  // Relative, so that the target directory can be moved or mounted elsewhere.
  await symlink(join('releases', name), temporary)
  try {
    await rename(temporary, join(target, 'current'))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(target)
}

/** The name of the release that `current` points to, or null. */
export async function currentName(target: string): Promise<string | null> {
  try {
    return basename(await readlink(join(target, 'current')))
  } catch (error) {
    // EINVAL: something that is no link.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EINVAL')) return null
    throw error
  }
}

/** The release that `current` points to; null when there is none, or when it does not say which. */
export async function currentRelease(target: string): Promise<Release | null> {
  const name = await currentName(target)
  if (name === null) return null
  const mark = await readMark(releasePath(target, name))
  return mark === null ? null : { sha: mark.sha, version: mark.version }
}

async function readMark(directory: string): Promise<ReleaseMark | null> {
  try {
    const mark = await readJson<Partial<ReleaseMark>>(join(directory, markName))
    const valid = isFullSha(String(mark?.sha)) && typeof mark?.version === 'string'
    return valid ? (mark as ReleaseMark) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Removes the oldest releases beyond `keep`, but none of `spared`. Resolves to the removed names. */
export async function removeOldReleases(
  target: string,
  keep: number,
  spared: readonly (string | null)[],
): Promise<string[]> {
  const newestFirst = await releasesByAge(target)
  const old = newestFirst.slice(keep).filter((name) => !spared.includes(name))
  for (const name of old) {
    await rm(releasePath(target, name), { recursive: true, force: true })
  }
  return old
}

async function releasesByAge(target: string): Promise<string[]> {
  const entries = await readdir(join(target, 'releases'), { withFileTypes: true })
  const dated = await Promise.all(
    // Only what carries our kind of name: somebody may keep a directory of their own there.
    entries
      .filter((entry) => entry.isDirectory() && /-[A-Za-z0-9_-]{1,8}$/.test(entry.name))
      .map(async ({ name }) => ({ name, time: await markedAt(releasePath(target, name)) })),
  )
  return dated.toSorted((left, right) => right.time - left.time).map(({ name }) => name)
}

/** The mark is written once; a directory's own time changes with everything put into it. */
async function markedAt(directory: string): Promise<number> {
  try {
    return (await stat(join(directory, markName))).mtimeMs
  } catch {
    return 0
  }
}
