import { Failure } from '../../core/failure.ts'
import type { Entry, Input } from './entry.ts'

/** How a client's file is read and changed. Texts come without a byte order mark. */
export interface Format {
  /** The whole file as data; fails with the place of the first mistake. */
  parse(file: string, text: string): unknown
  put(
    text: string,
    change: {
      table: string
      name: string
      before: Entry | null
      after: Entry
      inputs: readonly Input[]
    },
  ): string
  /** `inputs` are the ids that go with the entry. */
  drop(text: string, change: { table: string; name: string; inputs: readonly string[] }): string
  /** One entry, to compare it with another. */
  render(entry: Entry): string
  /** What somebody would paste into an empty file. */
  snippet(table: string, name: string, entry: Entry, inputs: readonly Input[]): string
}

export function unreadable(file: string, line: number, problem: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `${file}:${line}: ${problem}; the file is left as it is`,
    hint: `correct line ${line} of ${file}, then run gonogo install again`,
    details: { file, line },
  })
}
