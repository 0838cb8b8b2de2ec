import { schemaOf, type Schema } from './schema-words.ts'

/** Shorter ones are better read where they are. */
const leastLength = 4_000

/**
 * Large items that stand in several lists, such as the steps of the smoke tests, are written once: in
 * `definitions`, by the name of the list that had them first.
 */
export function shareItems(schema: Schema): Schema {
  const count = new Map<string, number>()
  visitLists(schema, (list) => {
    const text = JSON.stringify(list.items)
    count.set(text, (count.get(text) ?? 0) + 1)
  })
  const definitions: Record<string, Schema> = {}
  const references = new Map<string, Schema>()
  visitLists(schema, (list, name) => {
    const [items, text] = [schemaOf(list.items), JSON.stringify(list.items)]
    if (!items || text.length < leastLength || count.get(text) === 1) return
    const known = references.get(text)
    const key = `${name}_${references.size + 1}`
    list.items = known ?? { $ref: `#/definitions/${key}` }
    if (known) return
    definitions[key] = items
    references.set(text, list.items)
  })
  const { definitions: others, ...rest } = schema
  return { ...rest, definitions: { ...schemaOf(others), ...definitions } }
}

/** Outer lists first: what is inside of one that is shared is written once, too. */
function visitLists(schema: Schema, see: (list: Schema, name: string) => void, name = ''): void {
  const items = schemaOf(schema.items)
  if (items) see(schema, name)
  const inner = [
    ...[items, ...(schema.anyOf ?? []), schema.additionalProperties].map((each) => [name, each]),
    ...Object.entries(schema.properties ?? {}),
  ] as [string, unknown][]
  for (const [key, value] of inner) {
    const each = schemaOf(value)
    if (each) visitLists(each, see, key)
  }
}
