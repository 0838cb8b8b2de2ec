import { Document, stringify } from 'yaml'
import { oneLine } from '../../core/text.ts'
import { placeOf, type Evidence } from '../survey/facts.ts'

/** A value as YAML on one line; the library quotes whatever has to be quoted. */
export function scalar(value: string): string {
  return stringify(value, { blockQuote: false, lineWidth: 0 }).trimEnd()
}

/** A list, mapping or scalar as YAML on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, member]) => `${flow(key)}: ${flow(member)}`)
    return `{ ${pairs.join(', ')} }`
  }
  return inFlow(value)
}

/** A scalar inside of brackets, where a comma and a bracket mean something too. */
function inFlow(value: unknown): string {
  const document = new Document([value])
  // Wider than any line: a break would leave its place.
  const options = { lineWidth: 0, collectionStyle: 'flow', blockQuote: false } as const
  return document
    .toString({ ...options, flowCollectionPadding: false })
    .trim()
    .slice(1, -1)
}

/** Anything as one line of a comment: whatever it holds, it ends with the line. */
export function comment(text: string, limit = 240): string {
  return `# ${oneLine(text, limit)}`
}

/** Why a value is there. */
export function guess(evidence: Evidence | null, otherwise: string): string {
  return comment(evidence === null ? `guess: ${otherwise}` : `guess: from ${placeOf(evidence)}`)
}

/** Lines as comments, ready to be uncommented. */
export function asComments(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`)
}

export function indented(lines: readonly string[], by = '  '): string[] {
  return lines.map((line) => (line === '' ? line : by + line))
}
