import { access, constants, readdir, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is installed beside the program and runs in its process. */
const beside = ['zod', 'libpg-query', '@ast-grep/napi', '@ast-grep/lang-python']

/** What says whether a signature is good, who holds a key, and what a commit is. */
const judges = ['ssh-keygen', 'ssh-add', 'git']

/**
 * Node, and every file beside the main one: the bundle, or the sources when it is run from them. And the
 * programs whose word counts, as they are found on this PATH.
 */
export async function programFiles(
  [node = '', ...args]: readonly string[],
  path: string,
): Promise<string[]> {
  const main = await realpath(args.at(-1) ?? '')
  const directory = dirname(main)
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  return [
    node,
    ...(await foundOn(path)),
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

/** One that is missing says nothing, either. */
async function foundOn(path: string): Promise<string[]> {
  const directories = path.split(delimiter).map((directory) => directory || '.')
  const found = judges.map(async (name) => {
    for (const directory of directories) {
      const file = join(directory, name)
      if (await isProgram(file)) return [file]
    }
    return []
  })
  return (await Promise.all(found)).flat()
}

async function isProgram(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
