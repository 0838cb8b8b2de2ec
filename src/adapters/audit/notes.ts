import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { splitNotes } from '../../core/signed-note.ts'
import { readAt, reading } from './read.ts'

/** More than a note of ours is long. */
const longestNote = 4096

/** What a note ends with: an id and an Ed25519 signature are 92 digits. */
const signature = /^\u2014 \S+ \S{92,}$/

/** The notes of a file, oldest first; none if there is no such file. */
export function notesIn(path: string): string[] {
  return existsSync(path) ? splitNotes(readFileSync(path, 'utf8')) : []
}

/** The same without a last one that a crash or a full disk cut short: it says nothing. */
export function wholeNotesIn(path: string): string[] {
  const notes = notesIn(path)
  return isWhole(notes.at(-1) ?? '') ? notes : notes.slice(0, -1)
}

/** Appends a note unless it is the last one. Called under the log's lock: nobody else is writing one. */
export function appendNote(path: string, note: string, mode: number): void {
  const { size, end } = endOf(path)
  if (end.endsWith(note)) return
  const torn = tornNote(end, note)
  // Behind half a note a whole one could not be read, and the log would seem changed for ever.
  if (torn > 0) truncateSync(path, size - torn)
  const missing = end === '' || end.endsWith('\n') || torn > 0 ? '' : '\n'
  appendFileSync(path, `${missing}${note}`, { mode })
}

function endOf(path: string): { size: number; end: string } {
  return reading(path, { size: 0, end: '' }, (fd, size) => {
    const reach = Math.min(size, longestNote)
    return { size, end: readAt(fd, size - reach, reach).toString() }
  })
}

/** Bytes at the end that are the beginning of a note of the same log; of anything else, none. */
function tornNote(end: string, note: string): number {
  if (isWhole(end)) return 0
  const lines = end.split('\n')
  const rest = lines.slice(lines.findLastIndex((line) => signature.test(line)) + 1).join('\n')
  const opening = note.slice(0, note.indexOf('\n') + 1)
  const isOurs = rest.startsWith(opening) || opening.startsWith(rest)
  return isOurs ? Buffer.byteLength(rest) : 0
}

function isWhole(text: string): boolean {
  return signature.test(text.trimEnd().split('\n').at(-1) ?? '')
}
