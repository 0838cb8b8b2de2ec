import type { z } from 'zod'

export type Schema = z.core.JSONSchema.JSONSchema

/** A member of a JSON Schema that may also be a boolean or a list. */
export function schemaOf(value: unknown): Schema | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Schema)
    : undefined
}

/** The type of a key in words; names and values in backticks. */
export function typeInWords(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.anyOf)
    return schema.anyOf.map((each) => typeInWords(schemaOf(each) ?? {})).join(' or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.type === 'array') return `list of ${plural(schemaOf(schema.items))}`
  if (schema.type === 'object') return 'mapping'
  if (schema.type === 'integer' || schema.type === 'number') return numberInWords(schema)
  if (schema.type === 'boolean') return '`true`, `false`'
  return schema.type === 'string' ? 'text' : 'any JSON value'
}

function plural(items: Schema | undefined): string {
  if (items?.type === 'integer') return 'whole numbers'
  return items?.type === 'object' ? 'mappings' : 'texts'
}

function numberInWords(schema: Schema): string {
  const noun = schema.type === 'integer' ? 'whole number' : 'number'
  const { minimum, maximum, exclusiveMinimum } = schema
  const least = exclusiveMinimum === undefined ? `from ${minimum}` : `over ${exclusiveMinimum}`
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `${noun} ${least}`
    : `${noun} ${least} to ${maximum}`
}

/** What a key is when it is left out; empty when that is nothing, or told by the keys below it. */
export function defaultInWords(schema: Schema): string {
  if (typeof schema['shown_default'] === 'string') return schema['shown_default']
  if (schema.default === undefined || schema.properties) return ''
  const text = JSON.stringify(schema.default)
  return text === '[]' || text === '{}' ? 'empty' : `\`${text.replaceAll('"', '')}\``
}
