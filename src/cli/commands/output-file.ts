import { open, rm } from 'node:fs/promises'
import { Failure } from '../../core/failure.ts'

/** Writes a new file that only its owner may read. One that is there already stays as it is. */
export async function writeNewFile(file: string, parts: Iterable<string>): Promise<void> {
  let created = false
  try {
    const handle = await open(file, 'wx', 0o600)
    created = true
    try {
      for (const part of parts) await handle.write(part)
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Half of a report would be taken for all of it.
    if (created) await rm(file, { force: true })
    throw refusal(file, error)
  }
}

function refusal(file: string, cause: unknown): Failure {
  const { code } = cause as NodeJS.ErrnoException
  const there = code === 'EEXIST'
  return new Failure({
    code: 'invalid_input',
    message: `--output: ${file} ${there ? 'is there already' : `cannot be written (${code})`}`,
    hint: there
      ? 'name another file, or move that one away: nothing is overwritten'
      : 'name a new file in a directory that is there and that you may write to',
    details: { field: 'output' },
    cause,
  })
}
