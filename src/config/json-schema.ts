import { z } from 'zod'
import { configSchema } from './schema.ts'
import { defaultInWords, type Schema } from './schema-words.ts'

/** The name of the schema when it lies beside `gonogo.yaml`, as the editor comment names it. */
export const schemaFileName = 'gonogo.schema.json'

/** What may be written in the file, as a tree of keys. */
export function configTree(): Schema {
  return z.toJSONSchema(configSchema, { io: 'input' })
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
  const { $schema, ...rest } = schema
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
