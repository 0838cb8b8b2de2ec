import { sourceProblem } from './source-problem.ts'

/** A regular file of an archive. Its name does not matter here, and is never used as a path. */
export interface TarFile {
  size: number
  /** Its bytes, in pieces; to be read before the next file is asked for. */
  content: AsyncIterable<Uint8Array>
}

const block = 512

/** The regular files of a tar archive that arrives in pieces. */
export async function* tarFiles(body: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const bytes = createReader(body)
  for (;;) {
    const header = await bytes.exactly(block)
    if (header === null) return
    // Empty blocks end an archive and fill it up.
    if (header.every((byte) => byte === 0)) continue
    const size = sizeOf(header)
    const padding = (block - (size % block)) % block
    const content = bytes.pieces(size)
    if (isRegular(header)) yield { size, content }
    // What nobody read is passed over.
    for await (const _ of content) continue
    await bytes.exactly(padding)
  }
}

/** `0`, or no type at all in very old archives. Links, directories and extra headers are others. */
function isRegular(header: Buffer): boolean {
  return header[156] === 0x30 || header[156] === 0
}

function sizeOf(header: Buffer): number {
  const digits = header.toString('latin1', 124, 136).replaceAll(/[\0 ]/g, '')
  if (!/^[0-7]{1,11}$/.test(digits)) throw sourceProblem('the archive of the commit is damaged')
  return Number.parseInt(digits, 8)
}

function createReader(body: AsyncIterable<Uint8Array>) {
  const source = body[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)

  /** At least one byte and at most so many; null at the end. */
  async function some(most: number): Promise<Uint8Array | null> {
    while (held.length === 0) {
      const next = await source.next()
      if (next.done) return null
      held = next.value
    }
    const piece = held.subarray(0, most)
    held = held.subarray(piece.length)
    return piece
  }

  async function* pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const piece = await some(left)
      if (piece === null) throw sourceProblem('the archive of the commit ends too early')
      left -= piece.length
      yield piece
    }
  }

  return {
    pieces,
    /** Null when nothing is left at all. */
    async exactly(length: number): Promise<Buffer | null> {
      const first = length === 0 ? null : await some(length)
      if (first === null) return null
      const rest: Uint8Array[] = [first]
      for await (const piece of pieces(length - first.length)) rest.push(piece)
      return Buffer.concat(rest)
    },
  }
}
