// Crockford base32: sorts like the number it writes, and has no letters that are read as digits.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

const timeDigits = 10

/** `prefix_`, ten digits of time, then the random bytes: 80 bits make it unguessable. */
export function newId(prefix: string, now: number, random: Uint8Array): string {
  return `${prefix}_${base32(BigInt(now), timeDigits)}${base32(bigEndian(random), 16)}`
}

function bigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function base32(value: bigint, digits: number): string {
  return Array.from({ length: digits }, (_, index) => {
    const shift = BigInt((digits - 1 - index) * 5)
    return alphabet[Number((value >> shift) & 31n)]
  }).join('')
}
