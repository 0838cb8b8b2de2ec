import { randomUUID } from 'node:crypto'
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'

/** Replaces a file of lines at once, so that no reader ever sees a part of it. Mode 0644. */
export async function replaceFile(path: string, lines: readonly string[]): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    // A link stays a link: what it points to is replaced.
    const target = await realpath(path).catch(() => path)
    await writeAndRename(target, lines.map((line) => `${line}\n`).join(''))
  } catch (error) {
    throw notWritten(path, error)
  }
}

async function writeAndRename(target: string, text: string): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      // The umask must not hide the list from the other users of gonogo.
      await file.chmod(0o644)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const denials = new Set(['EACCES', 'EPERM', 'EROFS'])

function notWritten(path: string, error: unknown): Failure {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException
  const denied = denials.has(code)
  return new Failure({
    code: denied ? 'not_permitted' : 'invalid_configuration',
    message: `${path} cannot be written (${code})`,
    hint: denied
      ? `run the same command as the owner of ${path}, for instance with sudo`
      : `check the path with: ls -ld ${dirname(path)}`,
    cause: error,
  })
}
