import { access, constants, stat } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'

/** What is at a path; null when nothing is, or nobody may look. */
export async function statOf(path: string) {
  return await stat(path).catch(() => null)
}

/** The nearest directory that exists, the path itself included. */
export async function existingPart(path: string): Promise<string> {
  for (let directory = path; ; directory = dirname(directory)) {
    if (directory === dirname(directory) || (await statOf(directory))) return directory
  }
}

/** Whether this process may write there: to a file, or into a directory. */
export async function writable(path: string): Promise<boolean> {
  return await allowed(path, constants.W_OK)
}

/** Where a program is found; null when it is not, or is no program. */
export async function programFile(name: string, searched: string): Promise<string | null> {
  const candidates = isAbsolute(name)
    ? [name]
    : searched.split(delimiter).map((directory) => join(directory, name))
  for (const file of candidates) {
    if ((await statOf(file))?.isFile() && (await allowed(file, constants.X_OK))) return file
  }
  return null
}

async function allowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
