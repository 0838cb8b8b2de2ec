import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import { readText } from '../setup/file.ts'
import type { Surface } from './surface.ts'

const maxBytes = 1024 * 1024

/** The text of a file, or of stdin for `-`. */
export async function readInput({ input }: Surface, file: string, field: string): Promise<string> {
  if (file === '-') return await readStream(input, field)
  const text = await readText(file)
  if (text !== null) return text
  throw new Failure({
    code: 'invalid_input',
    message: `${field}: there is no file ${oneLine(file, 200)}`,
    hint: 'check the path, or use - to read stdin',
  })
}

async function readStream(input: Surface['input'], field: string): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of input) {
    parts.push(Buffer.from(part as Buffer))
    length += parts.at(-1)!.length
    if (length > maxBytes) throw tooLong(field)
  }
  return Buffer.concat(parts).toString('utf8')
}

function tooLong(field: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${field}: more than ${maxBytes} bytes on stdin`,
    hint: 'hand in the one file that gonogo wrote',
  })
}
