import { crc32, deflateRawSync } from 'node:zlib'

/** One file of an archive, and how it lies about itself. */
export interface ZipFile {
  name: string
  content: Uint8Array | string
  method?: 0 | 8 | 12
  flags?: number
  fileType?: number
  /** What the directory claims instead of the truth. */
  claims?: { size?: number; packedSize?: number; crc?: number; offset?: number }
  /** Name in the entry's own header. */
  localName?: string
  /** Sizes follow the data, as when the writer did not know them before. */
  descriptor?: boolean
  /** Sizes and offset stand in the extra field. */
  zip64?: boolean
}

export interface ZipOptions {
  comment?: string
  zip64?: boolean
  claims?: { count?: number; size?: number; offset?: number; disk?: number }
}

/** A zip archive, byte by byte, so that every field of it can be wrong. */
export function zipOf(files: readonly ZipFile[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = []
  const records: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const content = Buffer.from(file.content)
    const packed = file.method === 0 ? content : deflateRawSync(content)
    const facts = { content, packed, offset }
    const local = localPart(file, facts)
    parts.push(local)
    records.push(directoryRecord(file, facts))
    offset += local.length
  }
  const directory = Buffer.concat(records)
  return Buffer.concat([
    ...parts,
    directory,
    endOf(files.length, directory.length, offset, options),
  ])
}

interface Facts {
  content: Buffer
  packed: Buffer
  offset: number
}

function localPart(file: ZipFile, { content, packed }: Facts): Buffer {
  const name = Buffer.from(file.localName ?? file.name)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(flagsOf(file), 6)
  header.writeUInt16LE(file.method ?? 8, 8)
  header.writeUInt16LE(name.length, 26)
  const descriptor = Buffer.alloc(file.descriptor ? 16 : 0)
  const sizes = file.descriptor ? descriptor : header
  if (file.descriptor) descriptor.writeUInt32LE(0x08074b50, 0)
  const at = file.descriptor ? 4 : 14
  sizes.writeUInt32LE(crc32(content), at)
  sizes.writeUInt32LE(packed.length, at + 4)
  sizes.writeUInt32LE(content.length, at + 8)
  return Buffer.concat([header, name, packed, descriptor])
}

function directoryRecord(file: ZipFile, { content, packed, offset }: Facts): Buffer {
  const name = Buffer.from(file.name)
  const { claims = {}, zip64 = false } = file
  const values = [
    claims.size ?? content.length,
    claims.packedSize ?? packed.length,
    claims.offset ?? offset,
  ]
  const extra = zip64 ? extraOf(values) : Buffer.alloc(0)
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(0x031e, 4)
  record.writeUInt16LE(flagsOf(file), 8)
  record.writeUInt16LE(file.method ?? 8, 10)
  record.writeUInt32LE(claims.crc ?? crc32(content), 16)
  record.writeUInt32LE(zip64 ? 0xffffffff : values[1]!, 20)
  record.writeUInt32LE(zip64 ? 0xffffffff : values[0]!, 24)
  record.writeUInt16LE(name.length, 28)
  record.writeUInt16LE(extra.length, 30)
  record.writeUInt32LE(((file.fileType ?? 0o100000) | 0o644) * 0x10000, 38)
  record.writeUInt32LE(zip64 ? 0xffffffff : values[2]!, 42)
  return Buffer.concat([record, name, extra])
}

function extraOf(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index))
  return extra
}

function flagsOf({ flags = 0, descriptor }: ZipFile): number {
  return descriptor ? flags | 8 : flags
}

function endOf(count: number, size: number, offset: number, options: ZipOptions): Buffer {
  const { claims = {}, comment = '', zip64 = false } = options
  const values = [claims.count ?? count, claims.size ?? size, claims.offset ?? offset] as const
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(zip64 ? 0xffff : (claims.disk ?? values[0]), 8)
  end.writeUInt16LE(zip64 ? 0xffff : values[0], 10)
  end.writeUInt32LE(zip64 ? 0xffffffff : values[1], 12)
  end.writeUInt32LE(zip64 ? 0xffffffff : values[2], 16)
  end.writeUInt16LE(comment.length, 20)
  const last = Buffer.concat([end, Buffer.from(comment)])
  return zip64 ? Buffer.concat([end64(values, offset + size), last]) : last
}

function end64(values: readonly number[], at: number): Buffer {
  const record = Buffer.alloc(56 + 20)
  record.writeUInt32LE(0x06064b50, 0)
  record.writeBigUInt64LE(44n, 4)
  for (const [index, value] of [values[0]!, ...values].entries()) {
    record.writeBigUInt64LE(BigInt(value), 24 + 8 * index)
  }
  record.writeUInt32LE(0x07064b50, 56)
  record.writeBigUInt64LE(BigInt(at), 64)
  record.writeUInt32LE(1, 72)
  return record
}
