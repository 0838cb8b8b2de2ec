import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is installed beside the program and runs in its process. */
const beside = ['zod', 'libpg-query', '@ast-grep/napi', '@ast-grep/lang-python']

/** Node, and every file beside the main one: the bundle, or the sources when it is run from them. */
export async function programFiles([node = '', ...args]: readonly string[]): Promise<string[]> {
  const main = await realpath(args.at(-1) ?? '')
  const directory = dirname(main)
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  return [
    node,
    ...beside.flatMap(entryOf),
    ...files.map((entry) => join(entry.parentPath, entry.name)),
  ]
}

/** One that is not there is not run, either. */
function entryOf(name: string): string[] {
  try {
    return [fileURLToPath(import.meta.resolve(name))]
  } catch {
    return []
  }
}
