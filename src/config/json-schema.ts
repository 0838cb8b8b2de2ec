import { z } from 'zod'
import { configSchema } from './schema.ts'
import { defaultInWords, schemaOf, type Schema } from './schema-words.ts'
import { shareItems } from './shared-items.ts'

/** The name of the schema when it lies beside `gonogo.yaml`, as the editor comment names it. */
export const schemaFileName = 'gonogo.schema.json'

/** What may be written in the file, as a tree of keys. */
export function configTree(): Schema {
  const tree = z.toJSONSchema(configSchema, { io: 'input' })
  mergeBelow(tree)
  return tree
}

/** Inner ones first: those of an entry are looked at when its kinds are merged. */
function mergeBelow(schema: Schema): void {
  const { properties = {}, anyOf = [], items, additionalProperties } = schema
  for (const each of [...Object.values(properties), ...anyOf, items, additionalProperties]) {
    const below = schemaOf(each)
    if (below) mergeBelow(below)
  }
  mergeKinds(schema)
}

/** Where several kinds of entries may stand, the tree has the keys of all of them. */
function mergeKinds(schema: Schema): void {
  const kinds = (schema.anyOf ?? []).map(schemaOf).filter((kind) => kind !== undefined)
  const [first, ...others] = kinds
  if (!first || ![first, ...others].every(({ properties }) => properties)) return
  delete schema.anyOf
  Object.assign(schema, others.reduce(mergedTwo, first))
}

function mergedTwo(left: Schema, right: Schema): Schema {
  const properties = { ...left.properties }
  for (const [key, value] of Object.entries(right.properties ?? {})) {
    const [known, other] = [schemaOf(properties[key]), schemaOf(value)]
    properties[key] = known && other ? mergedKey(known, other, kindOf(right)) : value
  }
  const required = left.required?.filter((key) => right.required?.includes(key))
  return { ...left, properties, ...(required && { required }) }
}

function mergedKey(left: Schema, right: Schema, kind: string): Schema {
  if (left.properties && right.properties) return mergedTwo(left, right)
  const values = [left, right].flatMap((schema) => schema.enum ?? [schema.const])
  if (!values.includes(undefined)) {
    const { const: _one, ...rest } = left
    return { ...rest, enum: values as NonNullable<Schema['enum']> }
  }
  const isSame = left.description === right.description || right.description === undefined
  if (isSame || kind === '') return left
  return { ...left, description: describedBoth(left.description ?? '', right, kind) }
}

/** The words of another kind; several with the same words stand before them together. */
function describedBoth(told: string, { description = '' }: Schema, kind: string): string {
  const known = `\`: ${description}`
  if (told.includes(known)) return told.replace(known, `\`, \`${kind}${known}`)
  return `${told} With \`${kind}\`: ${description}`
}

/** What an entry calls itself. */
function kindOf({ properties = {} }: Schema): string {
  const own = schemaOf(properties['kind']) ?? schemaOf(properties['use'])
  return own?.const === undefined ? '' : String(own.const)
}

/**
 * The JSON Schema of `gonogo.yaml` for editors. Draft 7, because yaml-language-server, which most
 * of them use, understands nothing newer in the versions people have.
 */
export function configSchemaText(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => forEditors(jsonSchema),
  })
  const { $schema, ...rest } = shareItems(schema)
  const titled = { $schema, title: 'gonogo.yaml', ...rest }
  return `${JSON.stringify(titled, null, 2)}\n`
}

/** Editors show descriptions and nothing else on hover, so the default is told there, too. */
function forEditors(schema: Schema): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  const fallback = defaultInWords(schema)
  delete schema['shown_default']
  if (schema.description === undefined) return
  const text =
    fallback === '' ? schema.description : `${schema.description}\n\nDefault: ${fallback}`
  schema.description = text.replaceAll('`', '')
  if (text.includes('`')) schema['markdownDescription'] = text
}
