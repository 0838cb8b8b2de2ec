import { readFile, writeFile } from 'node:fs/promises'

/** What was said, in order: the README shows the part between `from` and `to`, so that it cannot lie. */
export interface Transcript {
  line(speaker: '>' | ' ' | '$', text: string): void
  /** Starts over: only what follows is kept. */
  start(): void
  /** Keeps nothing of what follows. */
  stop(): void
  /** The kept lines, with ids cut to what is the same in every run. */
  text(): string
}

export function createTranscript(): Transcript {
  const lines: string[] = []
  let on = false
  return {
    line(speaker, text) {
      if (on) lines.push(`${speaker} ${text}`)
    },
    start: () => (on = true),
    stop: () => (on = false),
    text: () => lines.map(repeatable).flatMap(wrap).join('\n'),
  }
}

/** Ids differ from run to run, and on a slow machine the answer may come before the run has begun. */
function repeatable(line: string): string {
  return line
    .replace(/\b(apr|dep)_[0-9a-z]{26}/g, '$1_…')
    .replace(' is queued as ', ' is in_progress as ')
}

const width = 104

/** Long lines go on below themselves, indented. */
function wrap(line: string): string[] {
  const wrapped: string[] = []
  let rest = line
  while (rest.length > width) {
    const cut = Math.max(rest.lastIndexOf(' ', width), 40)
    wrapped.push(rest.slice(0, cut))
    rest = `    ${rest.slice(cut + 1)}`
  }
  return [...wrapped, rest]
}

const markers = /(<!-- transcript:start -->\n\n```\n)[\s\S]*?(\n```\n\n<!-- transcript:end -->)/

/** Writes the transcript into a document, or says whether it is there already. */
export async function publish(text: string, file: string, write: boolean): Promise<boolean> {
  const before = await readFile(file, 'utf8')
  if (!markers.test(before)) throw new Error(`${file} has no place for a transcript`)
  const after = before.replace(markers, (_found, start: string, end: string) => start + text + end)
  if (write) await writeFile(file, after)
  return write || after === before
}
