import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { auditGenesis } from '../../core/audit.ts'
import { emptyFrontier, grow, leafHash, type Frontier } from '../../core/merkle.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Head } from './head.ts'
import { lineSplitter } from './lines.ts'

/** How much is read at a time; no line of the log is longer. */
export const chunkBytes = 64 * 1024

/** What ends a line. */
export const newline = 0x0a

/** Where a log ends, and the tree over its lines. */
export interface End extends Head {
  tree: Frontier
}

export const beginning: End = { seq: 0, hash: auditGenesis, offset: 0, tree: emptyFrontier }

/** Follows complete lines from `from` up to `size` and says where the last of them ends. */
export function scan(fd: number, from: End, size: number, runtime: Runtime): End {
  const { sha256 } = runtime.crypto
  let { seq, offset, tree } = from
  let last: Buffer | null = null
  const lines = lineSplitter((line, length) => {
    seq += 1
    offset += length + 1
    tree = grow(sha256, tree, leafHash(sha256, line))
    last = line
  })
  for (let at = from.offset; at < size; at += chunkBytes) {
    lines.push(readAt(fd, at, Math.min(chunkBytes, size - at)))
  }
  if (last === null) return from
  return { seq, hash: runtime.sha256((last as Buffer).toString()), offset, tree }
}

/** The same for a file that is not open. */
export function scanFile(path: string, from: End, runtime: Runtime): End {
  return reading(path, from, (fd, size) => scan(fd, from, size, runtime))
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

/** Opens a file for `read`; `missing` if there is none. */
export function reading<T>(path: string, missing: T, read: (fd: number, size: number) => T): T {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return missing
    throw error
  }
  try {
    return read(fd, fstatSync(fd).size)
  } finally {
    closeSync(fd)
  }
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
