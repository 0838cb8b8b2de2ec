import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../core/failure.ts'

const maxBytes = 32 * 1024 * 1024

/** The text of a file of settings, byte order mark included; null when there is none. */
export async function readText(file: string): Promise<string | null> {
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

/** A repository from elsewhere may hold links that lead anywhere: nothing is read or replaced there. */
export async function refuseLink(file: string): Promise<void> {
  const facts = await lstat(file).catch(() => null)
  if (facts?.isSymbolicLink()) throw refusal(file, 'is a link, and links are not followed here')
}

/**
 * Replaces the file at once, so that nobody reads a part of it. A link stays a link, mode and
 * owner stay; `before` is what the text was computed from.
 */
export async function replaceText(
  file: string,
  text: string,
  { before, scope }: { before: string | null; scope: 'project' | 'user' },
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    const target = before === null ? file : await realpath(file)
    // A user's own file may hold secrets of other servers one day.
    const usual = scope === 'user' ? 0o600 : 0o644
    const facts = before === null ? null : await stat(target)
    await replace(target, text, { usual, facts }, async () => {
      // Clients that run write their files, too.
      if ((await readText(file)) !== before) throw changedMeanwhile(file)
    })
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    // A new file is refused by the directory it would be in.
    const place = before === null ? dirname(file) : file
    throw refusal(file, `cannot be written (${code})`, code, place)
  }
}

async function replace(
  target: string,
  text: string,
  { usual, facts }: { usual: number; facts: Stats | null },
  lastLook: () => Promise<void>,
): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'wx', usual)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (facts !== null) {
      // Only root can give it back to whoever owns it; `sudo` must not lock them out of their file.
      await chown(temporary, facts.uid, facts.gid).catch(() => undefined)
      await chmod(temporary, facts.mode & 0o7777)
    }
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

function refusal(file: string, problem: string, code = '', place = file): Failure {
  return new Failure({
    code: denials.has(code) ? 'not_permitted' : 'invalid_configuration',
    message: `${file} ${problem}`,
    hint: `look at it with: ls -ld ${/^[\w/.+-]+$/.test(place) ? place : `'${place}'`}`,
    details: { file },
  })
}
