import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import type { ArchiveBytes } from './archive-bytes.ts'
import { archiveProblem, megabytes } from './archive-problem.ts'
import type { ZipEntry } from './zip-directory.ts'

const mostBytes = 512 * 1024 * 1024
/** Text of a log packs at most about this well; a bomb packs better. Small entries may. */
const mostRatio = 400
const smallBytes = 16 * 1024 * 1024

/** Node collects small pieces sooner than large ones: of these it keeps few that nobody needs. */
const chunkSize = 4096

const headerBytes = 30
const longestExtra = 0xffff

/**
 * Hands over the content of one entry as it is inflated, and fails when it is not what the directory
 * says: then what was handed over so far is not all of it.
 */
export async function readEntry(
  archive: ArchiveBytes,
  entry: ZipEntry,
  filesEnd: number,
  consume: (content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  requireReadable(entry)
  const packed = readPacked(archive, entry, filesEnd)
  if (entry.method === 0) return await consume(verified(packed, entry))
  const inflate = createInflateRaw({ chunkSize })
  await pipeline(Readable.from(packed), inflate, async (content: AsyncIterable<Uint8Array>) => {
    await consume(verified(content, entry))
    // The stream may end before its bytes do: the rest is something that nobody announced.
    if (inflate.bytesWritten !== entry.packedSize) throw wrongSize()
  })
}

function requireReadable({ flags, method, size, packedSize, fileType }: ZipEntry): void {
  // Bit 0: encrypted; 6: strongly; 13: the directory is, too.
  if ((flags & 0b10_0000_0100_0001) !== 0) throw archiveProblem('the entry is encrypted')
  if (method !== 0 && method !== 8) throw archiveProblem(`the entry is packed by method ${method}`)
  if (fileType === 0o120000) throw archiveProblem('the entry is a symbolic link')
  if (size > mostBytes) throw archiveProblem(`the entry is larger than ${megabytes(mostBytes)}`)
  if (method === 0 && size !== packedSize) throw wrongSize()
  if (size > smallBytes && size > packedSize * mostRatio) {
    throw archiveProblem(`the entry claims to be packed more than ${mostRatio} times smaller`)
  }
}

/** The packed bytes behind the entry's own header, which must tell the same name. */
async function* readPacked(
  archive: ArchiveBytes,
  entry: ZipEntry,
  filesEnd: number,
): AsyncGenerator<Uint8Array> {
  const { offset, packedSize } = entry
  const nameBytes = Buffer.byteLength(entry.name)
  const most = headerBytes + nameBytes + longestExtra + packedSize
  const length = Math.min(most, filesEnd - offset)
  if (length < headerBytes + nameBytes + packedSize) throw outside()
  let header: Buffer | null = Buffer.alloc(0)
  let left = packedSize
  for await (const piece of archive.read(offset, length)) {
    let data = piece
    if (header !== null) {
      header = Buffer.concat([header, piece])
      const start = dataStart(header, entry.name)
      if (start === null || start > header.length) continue
      data = header.subarray(start)
      header = null
    }
    const part = data.subarray(0, left)
    left -= part.length
    if (part.length > 0) yield part
    if (left === 0) return
  }
  throw outside()
}

/** Where the data begin; null while too little of the header is there. */
function dataStart(header: Buffer, name: string): number | null {
  if (header.length < headerBytes) return null
  if (header.readUInt32LE(0) !== 0x04034b50) throw archiveProblem('the entry has no header')
  const nameEnd = headerBytes + header.readUInt16LE(26)
  if (header.length < nameEnd) return null
  if (header.toString('utf8', headerBytes, nameEnd) !== name) {
    throw archiveProblem('the entry has two names')
  }
  return nameEnd + header.readUInt16LE(28)
}

async function* verified(
  content: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array> {
  let size = 0
  let crc = 0
  for await (const piece of content) {
    size += piece.length
    if (size > entry.size) throw wrongSize()
    crc = crc32(piece, crc)
    yield piece
  }
  if (size !== entry.size) throw wrongSize()
  if (crc !== entry.crc) throw archiveProblem('the entry is damaged: its checksum is another one')
}

function outside() {
  return archiveProblem('the entry ends outside of the archive')
}

function wrongSize() {
  return archiveProblem('the entry has another size than the archive says')
}
