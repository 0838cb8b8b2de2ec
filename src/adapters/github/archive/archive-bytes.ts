import { mkdir, mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Download, DownloadOptions } from '../client/github-client.ts'
import { archiveProblem, megabytes } from './archive-problem.ts'

/** An archive of which any part can be read. */
export interface ArchiveBytes {
  size: number
  /** That many bytes from there on, in pieces. Ends with an error when there are fewer. */
  read(from: number, length: number): AsyncGenerator<Uint8Array>
  close(): Promise<void>
}

/** Opens the same archive each time; null when there is none. */
export type OpenDownload = (
  range?: NonNullable<DownloadOptions['range']>,
) => Promise<Download | null>

export interface ArchiveBytesDeps {
  download: OpenDownload
  /** Absolute path of a private directory for an archive that only comes whole. */
  scratch: string
  mostBytes: number
}

/** Small archives are here after the first request, and of larger ones the size is known. */
const firstBytes = 64 * 1024

/** Each request for a part is one that GitHub counts: most directories are here after the second. */
const lastBytes = 256 * 1024

/**
 * Only the parts that are read are asked for, where the server can do that. Otherwise the archive goes
 * through a file that has no name any more, so that nothing can be left behind. Null: there is none.
 */
export async function openArchiveBytes(deps: ArchiveBytesDeps): Promise<ArchiveBytes | null> {
  const first = await deps.download({ first: 0, last: firstBytes - 1 })
  if (first === null) return null
  if (first.status === 206 && first.total !== null) {
    const head = await collect(take(first.body, Math.min(first.total, firstBytes)))
    requireSize(first.total, deps.mostBytes)
    return rangedBytes(deps, first.total, head)
  }
  // Part of an archive whose size nobody knows is of no use.
  const whole = first.status === 206 ? await reopen(deps, first) : first
  return whole && (await spooledBytes(deps, whole))
}

async function reopen(deps: ArchiveBytesDeps, first: Download): Promise<Download | null> {
  await first.body.cancel()
  return deps.download()
}

async function rangedBytes(
  deps: ArchiveBytesDeps,
  size: number,
  head: Uint8Array,
): Promise<ArchiveBytes> {
  const start = Math.max(0, size - lastBytes)
  const tail =
    size === head.length ? head : await collect(readPart(deps, size, start, size - start))
  const known = [
    { start: 0, bytes: head },
    { start: size - tail.length, bytes: tail },
  ]
  return {
    size,
    close: async () => undefined,
    async *read(from, length) {
      const holds = (part: { start: number; bytes: Uint8Array }) =>
        part.start <= from && from + length <= part.start + part.bytes.length
      const part = known.find(holds)
      if (!part) return yield* readPart(deps, size, from, length)
      yield part.bytes.subarray(from - part.start, from - part.start + length)
    },
  }
}

async function* readPart(
  deps: ArchiveBytesDeps,
  size: number,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const part = await deps.download({ first: from, last: from + length - 1 })
  if (part === null) throw archiveProblem('the archive is gone')
  if (part.status !== 206 || (part.total ?? size) !== size) {
    await part.body.cancel()
    throw archiveProblem('the server sent something else than the part that was asked for')
  }
  yield* take(part.body, length)
}

async function spooledBytes(deps: ArchiveBytesDeps, whole: Download): Promise<ArchiveBytes> {
  if (whole.length !== null) requireSize(whole.length, deps.mostBytes)
  const file = await openNameless(deps.scratch)
  try {
    let size = 0
    for await (const piece of whole.body) {
      await writeAll(file, piece)
      size += piece.length
      requireSize(size, deps.mostBytes)
    }
    const read = (from: number, length: number) => take(piecesOf(file, from), length)
    return { size, read, close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openNameless(scratch: string): Promise<FileHandle> {
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(join(scratch, 'archive-'))
  try {
    return await open(join(directory, 'zip'), 'wx+', 0o600)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  let written = 0
  while (written < piece.length) {
    const { bytesWritten } = await file.write(piece, written)
    written += bytesWritten
  }
}

async function* piecesOf(file: FileHandle, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(firstBytes), 0, firstBytes, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

function requireSize(size: number, most: number): void {
  if (size <= most) return
  throw archiveProblem(`the archive is larger than ${megabytes(most)}`)
}

/** So many bytes of a body, and not one more. */
async function* take(body: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  if (left === 0) return
  for await (const piece of body) {
    yield piece.subarray(0, left)
    left -= Math.min(left, piece.length)
    if (left === 0) return
  }
  throw archiveProblem(`the archive ends ${left} bytes too early`)
}

/** All of it at once: for the small parts. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
