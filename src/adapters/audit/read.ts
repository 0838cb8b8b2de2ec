import { readSync } from 'node:fs'
import type { Head } from './head.ts'

/** How much is read at a time; no line of the log is longer. */
export const chunkBytes = 64 * 1024

/** What ends a line. */
export const newline = 0x0a

/** Follows complete lines from `from` up to `size` and says where the last of them ends. */
export function scan(fd: number, from: Head, size: number, sha256: (text: string) => string): Head {
  let { seq, offset: end } = from
  let start = end
  for (let at = from.offset; at < size; at += chunkBytes) {
    const chunk = readAt(fd, at, Math.min(chunkBytes, size - at))
    for (let hit = chunk.indexOf(newline); hit >= 0; hit = chunk.indexOf(newline, hit + 1)) {
      start = end
      end = at + hit + 1
      seq += 1
    }
  }
  if (seq === from.seq) return from
  return { seq, hash: sha256(readAt(fd, start, end - 1 - start).toString()), offset: end }
}

/** True when the line that ends at the head's offset is the one that was written there. */
export function holds(fd: number, head: Head, sha256: (text: string) => string): boolean {
  // One byte more than a line, for the newline that ends the line before.
  const reach = Math.min(head.offset, chunkBytes + 1)
  const bytes = readAt(fd, head.offset - reach, reach)
  if (bytes.at(-1) !== newline) return false
  const start = bytes.lastIndexOf(newline, -2) + 1
  return sha256(bytes.subarray(start, -1).toString()) === head.hash
}

/** Exactly `length` bytes, or fewer where the file ends early. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const got = readSync(fd, bytes, filled, length - filled, position + filled)
    if (got === 0) break
    filled += got
  }
  return bytes.subarray(0, filled)
}
