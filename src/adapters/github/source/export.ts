import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../../core/failure.ts'
import type { Snapshot } from './snapshot.ts'

/** Writes a commit's files into an empty or missing directory, byte for byte as committed. */
export async function exportSnapshot(snapshot: Snapshot, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) {
    throw new Failure({
      code: 'invalid_input',
      message: `cannot export into ${directory}: it is not empty`,
      hint: `look at it first: ls -A ${directory}`,
    })
  }
  // Links come last: while files are written there is none that could lead out of the directory.
  const files = snapshot.entries.filter(({ kind }) => kind !== 'link')
  for (const entry of files) {
    const path = join(directory, entry.path)
    await mkdir(dirname(path), { recursive: true })
    const mode = entry.kind === 'executable' ? 0o777 : 0o666
    await writeFile(path, await snapshot.read(entry), { mode, flag: 'wx' })
  }
  for (const entry of snapshot.entries.filter(({ kind }) => kind === 'link')) {
    const path = join(directory, entry.path)
    await mkdir(dirname(path), { recursive: true })
    await symlink(await snapshot.read(entry), path)
  }
}
