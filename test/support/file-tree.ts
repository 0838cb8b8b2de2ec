import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Everything below a directory: content, mode and time of each entry, and of the directories too, so
 * that a file that came and went is noticed. `leaveOut` skips an entry with all that is below it.
 */
export async function fileTree(
  root: string,
  leaveOut: (path: string) => boolean = () => false,
): Promise<Record<string, string>> {
  const names = await readdir(root, { recursive: true })
  const paths = ['', ...names].filter((name) => !leaveOut(name))
  const facts = await Promise.all(paths.map((path) => about(join(root, path))))
  return Object.fromEntries(paths.map((path, index) => [path, facts[index]!]))
}

async function about(path: string): Promise<string> {
  const stat = await lstat(path)
  const facts = `${stat.mode.toString(8)} ${stat.mtimeMs}`
  if (stat.isSymbolicLink()) return `${facts} -> ${await readlink(path)}`
  if (!stat.isFile()) return facts
  return `${facts} ${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`
}
