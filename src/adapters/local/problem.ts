import { oneLine } from '../../core/text.ts'

/** What went wrong, in one line. */
export function problemOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 400)
}
