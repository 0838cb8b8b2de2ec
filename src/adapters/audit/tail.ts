import { chunkBytes, newline, readAt, reading } from './read.ts'

/** The last `limit` complete lines of a file, oldest first; none if there is no file. */
export function lastLinesOf(path: string, limit: number): string[] {
  return reading(path, [], (fd, size) => lastLines(fd, size, limit))
}

/** The first line of a file, as far as a line of the log can reach; null if there is none. */
export function firstLineOf(path: string): string | null {
  return reading(path, null, (fd, size) => {
    const bytes = readAt(fd, 0, Math.min(size, chunkBytes))
    const end = bytes.indexOf(newline)
    return end < 0 ? null : bytes.toString('utf8', 0, end)
  })
}

function lastLines(fd: number, size: number, limit: number): string[] {
  const chunks: Buffer[] = []
  let newlines = 0
  let at = size
  // No line is longer than a chunk: what goes on for longer is no log.
  const furthest = size - (limit + 1) * chunkBytes
  // One newline more than lines: the one that ends the line before the first.
  while (at > Math.max(0, furthest) && newlines <= limit) {
    const reach = Math.min(at, chunkBytes)
    at -= reach
    const chunk = readAt(fd, at, reach)
    newlines += chunk.reduce((count, byte) => count + (byte === newline ? 1 : 0), 0)
    chunks.unshift(chunk)
  }
  const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1)
  return limit > 0 ? lines.slice(-limit) : []
}
