import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { junitXml, type SmokeReport } from '../render/junit.ts'

/** Refuses a place where nothing can be written before anything is asked of a live system. */
export async function checkPlace(file: string): Promise<void> {
  const [there] = await Promise.all([
    stat(file).catch(() => null),
    access(dirname(file), constants.W_OK).catch((error: unknown) => {
      throw refusal(file, error)
    }),
  ])
  // The report takes the place of what is there: that must not be a directory or a device.
  if (there && !there.isFile())
    throw refusal(file, { code: there.isDirectory() ? 'EISDIR' : 'EEXIST' })
}

/** Whoever reads the file meanwhile sees the old report or the new one, never a part. */
export async function writeJunit(file: string, output: Record<string, unknown>): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, junitXml(output as unknown as SmokeReport), { flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw refusal(file, error)
  }
}

function refusal(file: string, cause: unknown): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `--junit: ${file} cannot be written (${(cause as NodeJS.ErrnoException).code})`,
    hint: 'name a file in a directory that is there and that you may write to',
    cause,
  })
}
