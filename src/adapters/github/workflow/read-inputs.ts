import { textOf, valueOf, type DeclaredInput, type Entry, type Node } from './model.ts'
import { readEntries, readTexts } from './read-parts.ts'
import { readYaml } from './read-yaml.ts'

const types = ['string', 'choice', 'boolean', 'number', 'environment'] as const

/** The inputs that a workflow file declares for a dispatch, by name; empty when it cannot be dispatched. */
export function declaredInputs(source: string): Map<string, DeclaredInput> {
  const { root } = readYaml(source)
  const dispatch = valueOf(readEntries(valueOf(root.entries, 'on')), 'workflow_dispatch')
  const inputs = readInputs(valueOf(readEntries(dispatch), 'inputs'))
  return new Map(inputs.map((input) => [input.name, input]))
}

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
