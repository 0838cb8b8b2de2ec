const largestText = 1024 * 1024
const binaryProbe = 8 * 1024

/** The text of a file, or why it is not scanned. Git calls a file binary by the same rule. */
export function textOf(content: Uint8Array | null): string | { skipped: 'too big' | 'binary' } {
  if (content === null || content.length > largestText) return { skipped: 'too big' }
  if (content.subarray(0, binaryProbe).includes(0)) return { skipped: 'binary' }
  return new TextDecoder().decode(content)
}
