/** Replaces secrets in a stream of bytes, also where a chunk's border cuts one. */
interface Mask {
  /** What can be passed on by now; what may be the beginning of a secret is held back. */
  push(chunk: Uint8Array): Uint8Array
  /** What was held back, once nothing follows. */
  end(): Uint8Array
}

/** Shorter values (`true`, `8080`) are no secrets and would black out half the log. */
const shortestSecret = 6

const replacement = Buffer.from('***')

/** A mask for one stream; several streams at once need one each. */
export function createMask(secrets: readonly string[]): Mask {
  const needles = toNeedles(secrets)
  let held: Buffer = Buffer.alloc(0)

  function take(chunk: Uint8Array, last: boolean): Uint8Array {
    const data = Buffer.concat([held, chunk])
    const border = last ? data.length : uncertainFrom(data, needles)
    const parts: Buffer[] = []
    let position = 0
    for (const match of matches(data, needles)) {
      if (match.start >= border) break
      parts.push(data.subarray(position, match.start), replacement)
      position = match.end
    }
    // A match that reaches over the border has settled what the bytes behind it are.
    const end = Math.max(border, position)
    parts.push(data.subarray(position, end))
    held = Buffer.from(data.subarray(end))
    return Buffer.concat(parts)
  }

  if (needles.length === 0) return { push: (chunk) => chunk, end: () => held }
  return { push: (chunk) => take(chunk, false), end: () => take(Buffer.alloc(0), true) }
}

/** Whole values and, because tools print a key line by line, the lines of values that have several. */
function toNeedles(secrets: readonly string[]): Buffer[] {
  const texts = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
  const needles = [...new Set(texts)].map((text) => Buffer.from(text))
  return needles
    .filter((needle) => needle.length >= shortestSecret)
    .toSorted((left, right) => right.length - left.length)
}

interface Match {
  start: number
  end: number
}

/** From left to right; the longest where several begin at the same place (needles come longest first). */
function* matches(data: Buffer, needles: readonly Buffer[]): Generator<Match> {
  const next = needles.map((needle) => data.indexOf(needle))
  for (;;) {
    const starts = next.filter((start) => start !== -1)
    if (starts.length === 0) return
    const start = Math.min(...starts)
    const end = start + needles[next.indexOf(start)]!.length
    yield { start, end }
    next.forEach((seen, index) => {
      if (seen !== -1 && seen < end) next[index] = data.indexOf(needles[index]!, end)
    })
  }
}

/** Where a tail begins that could still become a secret (needles come longest first). */
function uncertainFrom(data: Buffer, needles: readonly Buffer[]): number {
  const reach = needles[0]!.length - 1
  for (let start = Math.max(0, data.length - reach); start < data.length; start++) {
    const tail = data.subarray(start)
    if (needles.some((needle) => needle[0] === tail[0] && beginsWith(needle, tail))) return start
  }
  return data.length
}

function beginsWith(needle: Buffer, tail: Buffer): boolean {
  return tail.length < needle.length && needle.subarray(0, tail.length).equals(tail)
}
