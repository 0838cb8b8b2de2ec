/** Control and bidirectional characters, which would hide or reorder what a person reads. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

/** Strings of an answer, of the JSON within it too, that hold such characters. */
export function hiddenIn(answer: string): string[] {
  return stringsOf(JSON.parse(answer)).filter((text) => unsafe.test(text))
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, ...withinText(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsOf(inner)])
}

/** The last line of a result's text is JSON. */
function withinText(text: string): string[] {
  const last = text.split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) return []
  try {
    return stringsOf(JSON.parse(last))
  } catch {
    // It only looked like JSON, as the cut answer of a live system does.
    return []
  }
}
