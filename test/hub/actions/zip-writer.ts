import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  name: string
  text: string
}

/** A zip file with deflated entries, names in UTF-8. */
export function writeZip(entries: ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const content = Buffer.from(entry.text)
    const packed = deflateRawSync(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x0800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([signature(0x04034b50), common, name, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 3]), common, rest, name]))
    locals.push(local)
    offset += local.length
  }
  return Buffer.concat([...locals, ...central, end(central, offset)])
}

function end(central: Buffer[], offset: number): Buffer {
  const record = Buffer.alloc(18)
  record.writeUInt16LE(central.length, 4)
  record.writeUInt16LE(central.length, 6)
  record.writeUInt32LE(Buffer.concat(central).length, 8)
  record.writeUInt32LE(offset, 12)
  return Buffer.concat([signature(0x06054b50), record])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
