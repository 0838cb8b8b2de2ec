import type { Readable } from 'node:stream'

/** The beginning of a stream. */
interface Capture {
  bytes(): Uint8Array
  /** True when the stream had more than was kept. */
  truncated(): boolean
}

/** Reads a stream to its end, so that its writer never blocks, and keeps the first `maxBytes` of it. */
export function capture(
  stream: Readable | null,
  maxBytes: number,
  onChunk?: (chunk: Uint8Array) => void,
): Capture {
  const kept: Uint8Array[] = []
  let size = 0
  let dropped = false
  stream?.on('data', (chunk: Buffer) => {
    onChunk?.(chunk)
    const part = chunk.subarray(0, maxBytes - size)
    if (part.length < chunk.length) dropped = true
    if (part.length === 0) return
    size += part.length
    kept.push(part)
  })
  return { bytes: () => Buffer.concat(kept), truncated: () => dropped }
}
