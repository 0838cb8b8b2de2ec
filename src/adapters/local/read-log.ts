import { open } from 'node:fs/promises'
import type { RunLog } from '../../ports/pipeline.ts'
import { hasCode } from './files.ts'

const defaultMaxBytes = 64 * 1024

/** The log from `cursor` on, or its end, cut between characters, never inside one. */
export async function readLog(
  path: string,
  options: { cursor?: number; maxBytes?: number } = {},
): Promise<RunLog> {
  const bytes = await readBytes(path, options)
  if (bytes === null) return { text: '', cursor: options.cursor ?? 0 }
  const { from, content } = bytes
  const start = from === 0 ? 0 : continuationBytes(content)
  const end = Math.max(start, completeLength(content))
  return { text: content.subarray(start, end).toString('utf8'), cursor: from + end }
}

async function readBytes(
  path: string,
  { cursor, maxBytes = defaultMaxBytes }: { cursor?: number; maxBytes?: number },
): Promise<{ from: number; content: Buffer } | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (file === null) return null
  try {
    const { size } = await file.stat()
    const from = Math.min(cursor ?? Math.max(0, size - maxBytes), size)
    const content = Buffer.alloc(Math.min(maxBytes, size - from))
    const { bytesRead } = await file.read(content, 0, content.length, from)
    return { from, content: content.subarray(0, bytesRead) }
  } finally {
    await file.close()
  }
}

/** Bytes at the beginning that belong to a character before it. */
function continuationBytes(content: Buffer): number {
  let count = 0
  while (count < 3 && isContinuation(content[count])) count++
  return count
}

/** The length without a character at the end whose rest has not been read. */
function completeLength(content: Buffer): number {
  for (let back = 1; back <= Math.min(3, content.length); back++) {
    const byte = content[content.length - back]!
    if (isContinuation(byte)) continue
    return characterLength(byte) > back ? content.length - back : content.length
  }
  return content.length
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000
}

function characterLength(lead: number): number {
  if (lead >= 0b1111_0000) return 4
  if (lead >= 0b1110_0000) return 3
  return lead >= 0b1100_0000 ? 2 : 1
}
