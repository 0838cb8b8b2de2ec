import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Scope } from './clients.ts'

const maxBytes = 32 * 1024 * 1024

/** The text of a client's file, byte order mark included; null when there is none. */
export async function readClientFile(file: string): Promise<string | null> {
  try {
    const facts = await stat(file)
    // Reading a pipe or device could wait for ever.
    if (!facts.isFile()) throw refusal(file, 'is not a regular file')
    if (facts.size > maxBytes) throw refusal(file, `is larger than ${maxBytes} bytes`)
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(await readFile(file))
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !(await exists(file))) return null
    if (code === 'ENOENT') throw refusal(file, 'is a link to a file that does not exist')
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw refusal(file, 'is not UTF-8 text')
    throw refusal(file, `cannot be read (${code})`, code)
  }
}

/**
 * Replaces the file at once, so that a client never reads a part of it. A link stays a link, the mode
 * stays; `before` is what the text was computed from.
 */
export async function writeClientFile(
  file: string,
  text: string,
  { before, scope }: { before: string | null; scope: Scope },
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    const target = before === null ? file : await realpath(file)
    // A user's own file may hold secrets of other servers one day.
    const usual = scope === 'user' ? 0o600 : 0o644
    const mode = before === null ? null : (await stat(target)).mode & 0o7777
    await replace(target, text, { usual, mode }, async () => {
      // Running clients write their files, too.
      if ((await readClientFile(file)) !== before) throw changedMeanwhile(file)
    })
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    throw refusal(file, `cannot be written (${code})`, code)
  }
}

async function replace(
  target: string,
  text: string,
  modes: { usual: number; mode: number | null },
  lastLook: () => Promise<void>,
): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'wx', modes.usual)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (modes.mode !== null) await chmod(temporary, modes.mode)
    await lastLook()
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function changedMeanwhile(file: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${file} was changed by another program in this moment; nothing was written`,
    hint: 'run the same command again',
    retryable: true,
  })
}

const denials = new Set(['EACCES', 'EPERM', 'EROFS'])

function refusal(file: string, problem: string, code = ''): Failure {
  return new Failure({
    code: denials.has(code) ? 'not_permitted' : 'invalid_configuration',
    message: `${file} ${problem}`,
    hint: `look at it with: ls -ld ${file}`,
    details: { file },
  })
}
