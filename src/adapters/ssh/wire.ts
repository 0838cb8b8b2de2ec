/** Reads the SSH wire format (RFC 4251, section 5). Every method throws a RangeError past the end. */
export interface WireReader {
  byte(): number
  uint32(): number
  /** A length and that many bytes. */
  string(): Buffer
  /** The next `length` bytes. */
  take(length: number): Buffer
}

export function wireReader(bytes: Buffer): WireReader {
  let at = 0
  const take = (length: number) => {
    if (length > bytes.length - at) throw new RangeError('the data ends early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const uint32 = () => take(4).readUInt32BE()
  return { take, uint32, byte: () => take(1).readUInt8(), string: () => take(uint32()) }
}
