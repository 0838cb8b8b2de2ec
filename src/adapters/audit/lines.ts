/** What ends a line. */
const newline = 0x0a

// No line of ours is nearly as long; what is longer is no log and need not fit into memory.
const longestKept = 1024 * 1024

/**
 * Hands over complete lines, without their newlines, of bytes that come in pieces; of what is too long to
 * be a line its beginning. `length` is always how long it is in the file.
 */
export function lineSplitter(take: (line: Buffer, length: number) => void) {
  let carry: Buffer = Buffer.alloc(0)
  let length = 0
  const carryOn = (part: Buffer) => {
    length += part.length
    const kept = part.subarray(0, longestKept - carry.length)
    if (kept.length > 0) carry = carry.length === 0 ? kept : Buffer.concat([carry, kept])
  }
  return {
    push(bytes: Buffer): void {
      let start = 0
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
        carryOn(bytes.subarray(start, end))
        take(carry, length)
        carry = Buffer.alloc(0)
        length = 0
        start = end + 1
      }
      carryOn(bytes.subarray(start))
    },
    /** Bytes after the last complete line. */
    rest: () => length,
  }
}
