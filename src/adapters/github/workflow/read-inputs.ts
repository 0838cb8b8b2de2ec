import { textOf, valueOf, type DeclaredInput, type Entry, type Node } from './model.ts'
import { readEntries, readTexts } from './read-parts.ts'

const types = ['string', 'choice', 'boolean', 'number', 'environment'] as const

export function readInputs(node: Node | null): DeclaredInput[] {
  return readEntries(node).map(readInput)
}

function readInput({ key, value }: Entry): DeclaredInput {
  const entries = readEntries(value)
  const type = textOf(entries, 'type')?.text
  return {
    name: key.text,
    line: key.line,
    column: key.column,
    type: types.find((known) => known === type) ?? 'string',
    required: textOf(entries, 'required')?.value === true,
    default: textOf(entries, 'default')?.value ?? null,
    options: readTexts(valueOf(entries, 'options')).map(({ text }) => text),
    description: textOf(entries, 'description')?.text ?? null,
  }
}
