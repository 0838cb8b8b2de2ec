/**
 * A checkpoint of a few lines, in the 140 characters that GitHub takes as a description: its size, its
 * root and its one signature. The name in it is known to whoever reads it.
 */

const rootBytes = 32
/** Id of the key and an Ed25519 signature. */
const signatureBytes = 68
/** In base 36. */
const mostSizeDigits = 5

/** Null for what does not come back whole: another name, more signatures, a size beyond all reason. */
export function shortCheckpoint(name: string, note: string): string | null {
  const [, size, root, signature] = /\n(\d+)\n(\S+)\n\n\u2014 \S+ (\S+)\n$/.exec(note) ?? []
  if (size === undefined || root === undefined || signature === undefined) return null
  const digits = Number(size).toString(36)
  const bytes = Buffer.concat([root, signature].map((text) => Buffer.from(text, 'base64')))
  const text = `${digits}.${bytes.toString('base64url')}`
  return digits.length <= mostSizeDigits && wholeCheckpoint(name, text) === note ? text : null
}

/** The note that a description stands for; null for any other text. */
export function wholeCheckpoint(name: string, text: string): string | null {
  const [, digits, encoded] = /^([0-9a-z]{1,5})\.([\w-]{134})$/.exec(text) ?? []
  if (digits === undefined || encoded === undefined) return null
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length !== rootBytes + signatureBytes) return null
  const root = bytes.subarray(0, rootBytes).toString('base64')
  const signature = bytes.subarray(rootBytes).toString('base64')
  return `${name}\n${Number.parseInt(digits, 36)}\n${root}\n\n\u2014 ${name} ${signature}\n`
}
