import { link, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Creates a file with its whole content or not at all, on disk when this resolves. False when it was
 * there already: of several writers the first one wins.
 */
export async function createFile(path: string, text: string, tag: string): Promise<boolean> {
  const temporary = await writeTemporary(path, text, tag)
  try {
    await link(temporary, path)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(dirname(path))
  return true
}

/** Replaces a file, on disk when this resolves: a reader sees the old content or the new. */
export async function replaceFile(path: string, text: string, tag: string): Promise<void> {
  const temporary = await writeTemporary(path, text, tag)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** The content, or null when there is no such file. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

/** Names in a directory; none when there is no such directory. */
export async function readNames(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Removes the oldest files of a directory that would only grow. */
export async function keepNewest(directory: string, most: number): Promise<void> {
  const names = await readdir(directory)
  if (names.length <= most) return
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const facts = await stat(path).catch(() => null)
      return { path, time: facts?.mtimeMs ?? 0 }
    }),
  )
  const oldest = files.toSorted((one, other) => one.time - other.time).slice(0, -most)
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })))
}

async function writeTemporary(path: string, text: string, tag: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${tag}`
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return temporary
}

/** Makes created and renamed names survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
