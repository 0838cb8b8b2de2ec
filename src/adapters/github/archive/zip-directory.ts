import { collect, type ArchiveBytes } from './archive-bytes.ts'
import { archiveProblem, megabytes } from './archive-problem.ts'

/** What the archive's directory says of one file. Names are untrusted text and never used as paths. */
export interface ZipEntry {
  name: string
  flags: number
  method: number
  crc: number
  packedSize: number
  size: number
  offset: number
  /** File type bits as Unix writes them; 0 when the archive does not say. */
  fileType: number
}

export interface ZipDirectory {
  entries: ZipEntry[]
  /** Where the directory begins, and the files end. */
  offset: number
}

const mostEntries = 20_000
const mostDirectoryBytes = 4 * 1024 * 1024
const endBytes = 22
const longestComment = 0xffff
const locatorBytes = 20
const unknown16 = 0xffff
const unknown32 = 0xffffffff

/** The entries that are wanted, out of a directory that is read at the archive's end. */
export async function readDirectory(
  archive: ArchiveBytes,
  wants: (name: string) => boolean,
): Promise<ZipDirectory> {
  const { count, size, offset, end } = await findDirectory(archive)
  if (count > mostEntries) throw archiveProblem(`the archive has more than ${mostEntries} entries`)
  if (size > mostDirectoryBytes) {
    throw archiveProblem(`the archive's directory is larger than ${megabytes(mostDirectoryBytes)}`)
  }
  if (offset + size > end) throw archiveProblem('the archive names a directory outside of itself')
  const bytes = await collect(archive.read(offset, size))
  return { offset, entries: parseEntries(bytes, count).filter(({ name }) => wants(name)) }
}

interface Place {
  count: number
  size: number
  offset: number
  /** Where the record that says all this begins. */
  end: number
}

async function findDirectory(archive: ArchiveBytes): Promise<Place> {
  const length = Math.min(archive.size, endBytes + longestComment + locatorBytes)
  const start = archive.size - length
  const tail = await collect(archive.read(start, length))
  const at = findEnd(tail)
  if (tail.readUInt16LE(at + 8) !== tail.readUInt16LE(at + 10)) {
    throw archiveProblem('the archive is one of several parts')
  }
  const place: Place = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    end: start + at,
  }
  const is64 = place.count === unknown16 || place.size === unknown32 || place.offset === unknown32
  return is64 && at >= locatorBytes ? await find64(archive, tail, at - locatorBytes) : place
}

/** The last record whose comment ends where the archive ends. */
function findEnd(tail: Buffer): number {
  for (let at = tail.length - endBytes; at >= 0; at--) {
    const fits = () => at + endBytes + tail.readUInt16LE(at + 20) === tail.length
    if (tail.readUInt32LE(at) === 0x06054b50 && fits()) return at
  }
  throw archiveProblem('it is no zip archive, or its end is missing')
}

async function find64(archive: ArchiveBytes, tail: Buffer, locator: number): Promise<Place> {
  if (tail.readUInt32LE(locator) !== 0x07064b50) {
    throw archiveProblem("the archive's directory cannot be found")
  }
  const end = safe(tail.readBigUInt64LE(locator + 8))
  if (end + 56 > archive.size) throw archiveProblem('the archive names a place outside of itself')
  const record = await collect(archive.read(end, 56))
  if (record.readUInt32LE(0) !== 0x06064b50) {
    throw archiveProblem("the archive's directory cannot be found")
  }
  const [count, size, offset] = [32, 40, 48].map((at) => safe(record.readBigUInt64LE(at)))
  return { count: count!, size: size!, offset: offset!, end }
}

function parseEntries(bytes: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw damaged()
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field))
    const next = at + 46 + name! + extra! + comment!
    if (next > bytes.length) throw damaged()
    entries.push(parseEntry(bytes.subarray(at, next), name!, extra!))
    at = next
  }
  return entries
}

function parseEntry(record: Buffer, nameLength: number, extraLength: number): ZipEntry {
  const extra = record.subarray(46 + nameLength, 46 + nameLength + extraLength)
  // A value that does not fit stands in the extra field, in this order, and only there.
  const long = longValues(extra)
  const value = (at: number) => {
    const short = record.readUInt32LE(at)
    if (short !== unknown32) return short
    const next = long.shift()
    if (next === undefined) throw damaged()
    return next
  }
  const size = value(24)
  const packedSize = value(20)
  const madeByUnix = record.readUInt8(5) === 3
  return {
    name: record.toString('utf8', 46, 46 + nameLength),
    flags: record.readUInt16LE(8),
    method: record.readUInt16LE(10),
    crc: record.readUInt32LE(16),
    packedSize,
    size,
    offset: value(42),
    fileType: madeByUnix ? (record.readUInt32LE(38) >>> 16) & 0o170000 : 0,
  }
}

function longValues(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)]
    const field = extra.subarray(at + 4, at + 4 + length)
    if (id === 1) {
      const count = Math.min(3, Math.floor(field.length / 8))
      return Array.from({ length: count }, (_, index) => safe(field.readBigUInt64LE(8 * index)))
    }
    at += 4 + length
  }
  return []
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged()
  return Number(value)
}

function damaged() {
  return archiveProblem("the archive's directory is damaged")
}
