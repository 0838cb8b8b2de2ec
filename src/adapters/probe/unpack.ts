import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'

const unpackers = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
])

/**
 * A body in an encoding that nobody asked for, as some servers send it all the same; null when it is of
 * another encoding, broken, or longer than `most` bytes once it is unpacked.
 */
export function unpack(body: Buffer, encoding: string, most: number): Buffer | null {
  if (body.length === 0 || encoding === 'identity') return body
  try {
    return unpackers.get(encoding)?.(body, { maxOutputLength: most }) ?? null
  } catch {
    return null
  }
}
