/** The last bytes of what it is given, in memory that is set aside once. */
export interface ByteTail {
  push(bytes: Uint8Array, from: number, to: number): void
  clear(): void
  /** The lines that are whole; of a single longer one its end. */
  lines(): string[]
}

export function createByteTail(size: number): ByteTail {
  const ring = Buffer.alloc(size)
  let total = 0

  function content(): Buffer {
    if (total <= size) return ring.subarray(0, total)
    const at = total % size
    return Buffer.concat([ring.subarray(at), ring.subarray(0, at)])
  }

  return {
    push(bytes, from, to) {
      // Of more than fits only the end would be left.
      const first = Math.max(from, to - size)
      total += first - from
      const at = total % size
      const part = Math.min(to - first, size - at)
      ring.set(bytes.subarray(first, first + part), at)
      ring.set(bytes.subarray(first + part, to), 0)
      total += to - first
    },
    clear() {
      total = 0
    },
    lines() {
      // What is no UTF-8 becomes a replacement character: a log is shown, never refused for that.
      const lines = content().toString('utf8').split(/\r?\n/)
      if (lines.at(-1) === '') lines.pop()
      if (total <= size) return lines
      return lines.length > 1 ? lines.slice(1) : lines.map((line) => `…${line}`)
    },
  }
}
