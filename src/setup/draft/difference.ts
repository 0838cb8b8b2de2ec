import { createTwoFilesPatch } from 'diff'

// Two texts that have nothing in common would be compared for minutes.
const timeout = 2000

/** A unified difference; null when the texts are too different to be compared in reasonable time. */
export function differenceOf(file: string, before: string, after: string): string | null {
  const options = { context: 3, timeout } as const
  return createTwoFilesPatch(file, file, before, after, 'now', 'after gonogo init', options) ?? null
}
