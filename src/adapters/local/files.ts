import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Creates a file with its whole content or not at all, on disk when this resolves. False when it was
 * there already: of several writers the first one wins, which is what makes a claim a claim.
 */
export async function writeOnce(path: string, text: string, tag: string): Promise<boolean> {
  const temporary = await writeTemporary(path, text, tag, true)
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

/**
 * Replaces a file: a reader sees the old content or the new, never a part. Does not wait for the disk;
 * for what means nothing any more after a power cut.
 */
export async function replaceFile(path: string, text: string, tag: string): Promise<void> {
  const temporary = await writeTemporary(path, text, tag, false)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Makes created and renamed names in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The parsed content, or null when there is no such file. */
export async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

/** Whether a file-system call failed for one of these reasons. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}

async function writeTemporary(
  path: string,
  text: string,
  tag: string,
  flush: boolean,
): Promise<string> {
  const temporary = `${path}.${tag}`
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush })
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return temporary
}
