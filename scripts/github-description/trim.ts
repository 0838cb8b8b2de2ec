import { operations } from './operations.ts'

/** JSON as it comes. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** What is kept of one description: operations by `METHOD path`, and the schemas they use. */
export interface Trimmed {
  operations: Record<string, JsonObject>
  schemas: Record<string, JsonObject>
}

/** The operations of the list with every schema they lead to; words and examples are left behind. */
export function trim(description: JsonObject): Trimmed {
  const kept: Trimmed = { operations: {}, schemas: {} }
  const paths = asObject(description['paths'])
  for (const [path, methods] of Object.entries(operations)) {
    for (const method of methods) {
      const operation = asObject(paths[path] ?? {})[method]
      if (operation === undefined) continue
      kept.operations[`${method.toUpperCase()} ${path}`] = trimOperation(
        asObject(operation),
        description,
      )
    }
  }
  addSchemas(kept, description)
  return kept
}

function trimOperation(operation: JsonObject, description: JsonObject): JsonObject {
  const parameters = asArray(operation['parameters'] ?? []).map((parameter) => {
    const { name, in: place, required, schema } = resolve(parameter, description)
    return {
      name: name as string,
      in: place as string,
      required: required ?? false,
      schema: schemaOf(asObject(schema ?? {})),
    }
  })
  const body = operation['requestBody']
  const responses = Object.entries(asObject(operation['responses'])).map(
    ([status, response]): [string, Json] => [status, contentOf(resolve(response, description))],
  )
  return {
    parameters,
    // null: takes no body.
    body: body === undefined ? null : closed(contentOf(resolve(body, description))),
    body_required: body !== undefined && asObject(body)['required'] === true,
    // By status; null: answers without a body of JSON.
    responses: Object.fromEntries(responses),
  }
}

/** The schema of a body in JSON, or null. */
function contentOf(part: JsonObject): Json {
  const json = asObject(asObject(part['content'] ?? {})['application/json'] ?? {})
  return json['schema'] === undefined ? null : schemaOf(asObject(json['schema']))
}

function addSchemas(kept: Trimmed, description: JsonObject): void {
  const all = asObject(asObject(description['components'])['schemas'])
  const wanted = [...references(kept.operations)]
  while (wanted.length > 0) {
    const name = wanted.pop() ?? ''
    if (kept.schemas[name] !== undefined) continue
    const schema = schemaOf(asObject(all[name]))
    kept.schemas[name] = schema
    wanted.push(...references(schema))
  }
}

function* references(part: Json): Generator<string> {
  if (Array.isArray(part)) {
    for (const item of part) yield* references(item)
  } else if (part !== null && typeof part === 'object') {
    const reference = part['$ref']
    if (typeof reference === 'string') yield reference.replace('#/schemas/', '')
    for (const value of Object.values(part)) yield* references(value)
  }
}

/** Keywords that decide whether a value fits; every other one is words. */
const keywords = new Set(
  [
    'type enum format pattern required items additionalProperties properties allOf anyOf oneOf not',
    'nullable minimum maximum minLength maxLength minItems maxItems uniqueItems',
    'minProperties maxProperties',
  ].flatMap((line) => line.split(' ')),
)

/** A schema of OpenAPI 3.0 as JSON Schema: without words, and with `nullable` as a type. */
function schemaOf(schema: JsonObject): JsonObject {
  const reference = schema['$ref']
  if (typeof reference === 'string') {
    return { $ref: reference.replace('#/components/schemas/', '#/schemas/') }
  }
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(schema)) {
    if (keywords.has(key)) result[key] = keyword(key, value)
  }
  return withNull(result)
}

function keyword(key: string, value: Json): Json {
  if (key === 'properties') {
    return Object.fromEntries(
      Object.entries(asObject(value)).map(([name, schema]) => [name, schemaOf(asObject(schema))]),
    )
  }
  if (['allOf', 'anyOf', 'oneOf'].includes(key)) {
    return asArray(value).map((schema) => schemaOf(asObject(schema)))
  }
  const isSchema = ['items', 'additionalProperties', 'not'].includes(key)
  return isSchema && typeof value === 'object' ? schemaOf(asObject(value)) : value
}

function withNull(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema
  if (nullable !== true) return rest
  if (typeof rest['type'] !== 'string') return { anyOf: [rest, { type: 'null' }] }
  const values = rest['enum']
  const widened = { ...rest, type: [rest['type'], 'null'] }
  return values === undefined ? widened : { ...widened, enum: [...asArray(values), null] }
}

/** The same schema, refusing fields it does not name: GitHub ignores them, and so hides a misspelt one. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed)
  if (schema === null || typeof schema !== 'object') return schema
  const result = Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, Json] => [key, closedKeyword(key, value)]),
  )
  const open = result['properties'] !== undefined && result['additionalProperties'] === undefined
  return open ? { ...result, additionalProperties: false } : result
}

function closedKeyword(key: string, value: Json): Json {
  if (key !== 'properties') return closed(value)
  return Object.fromEntries(
    Object.entries(asObject(value)).map(([name, schema]): [string, Json] => [name, closed(schema)]),
  )
}

/** What a reference in the description stands for. */
function resolve(part: Json, description: JsonObject): JsonObject {
  const object = asObject(part)
  const reference = object['$ref']
  if (typeof reference !== 'string') return object
  return reference
    .split('/')
    .slice(1)
    .reduce((at, key) => asObject(at[key]), description)
}

export function asObject(value: Json | undefined): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(`expected an object, got ${JSON.stringify(value)}`)
  }
  return value
}

export function asArray(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new TypeError(`expected an array, got ${JSON.stringify(value)}`)
  return value
}
