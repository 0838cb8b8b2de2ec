import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { chainVerifier, type AuditProblem, type AuditVerdict } from '../../core/audit.ts'

/** What reading a log from its first line to its last showed. */
export interface Walk extends Omit<AuditVerdict, 'anchored' | 'consistent'> {
  /** Whether some line's hash is the one that was looked for. */
  met: boolean
}

// No line of ours is nearly as long; what is longer is no log and need not fit into memory.
const longestKept = 1024 * 1024

/** Checks the first `size` bytes of a log and looks for the line whose hash is `wanted`. */
export async function walk(
  path: string,
  size: number,
  wanted: string | null,
  sha256: (text: string) => string,
): Promise<Walk> {
  const verifier = chainVerifier(sha256)
  const problems: AuditProblem[] = []
  let lines = 0
  let met = false
  const rest = await eachLine(path, size, (bytes) => {
    lines += 1
    // Invalid bytes all decode to one character, so the hash of the text would not tell them apart.
    if (!isUtf8(bytes)) problems.push({ line: lines, problem: 'not UTF-8: this line was changed' })
    if (verifier.push(bytes.toString()) === wanted) met = true
  })
  if (rest > 0) problems.push({ line: lines + 1, problem: `unfinished: ${rest} bytes, no newline` })
  const verdict = verifier.end()
  return { ...verdict, met, problems: [...verdict.problems, ...problems] }
}

/** Hands over each complete line; resolves to the number of bytes after the last of them. */
async function eachLine(
  path: string,
  size: number,
  take: (bytes: Buffer) => void,
): Promise<number> {
  let carry = Buffer.alloc(0)
  if (size === 0) return 0
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const part = bytes.subarray(start, end)
      take(carry.length === 0 ? part : Buffer.concat([carry, part]))
      carry = Buffer.alloc(0)
      start = end + 1
    }
    if (carry.length < longestKept) carry = Buffer.concat([carry, bytes.subarray(start)])
  }
  return carry.length
}
