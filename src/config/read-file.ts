import { readFile, stat } from 'node:fs/promises'
import { Failure } from '../core/failure.ts'

const maxBytes = 1024 * 1024

/** The text of the configuration file; whatever else is at that path is refused by name. */
export async function readConfigFile(file: string): Promise<string> {
  try {
    const facts = await stat(file)
    // Reading a pipe or device could wait for ever.
    if (!facts.isFile()) throw refusal(file, 'is not a regular file')
    if (facts.size > maxBytes) {
      throw refusal(file, `is ${facts.size} bytes long, more than the ${maxBytes} allowed`)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (error instanceof Failure) throw error
    const code = (error as NodeJS.ErrnoException).code
    const reason =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? 'is not UTF-8 text'
        : `cannot be read (${code})`
    throw refusal(file, reason)
  }
}

function refusal(file: string, reason: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `${file} ${reason}`,
    hint: `correct ${file}, or move it away and start over with: gonogo init`,
  })
}
