import { asArray, asObject, type Json, type JsonObject } from './trim.ts'

interface Change {
  version: string
  /** An array is RFC 6902, an object a merge patch (RFC 7396). */
  patch: Json
}

/**
 * The description as it is for a later version of the API. GitHub writes beside each operation and schema
 * what that version changes.
 */
export function atVersion(description: JsonObject, version: string): JsonObject {
  const paths = mapValues(asObject(description['paths']), (path) =>
    mapValues(asObject(path), (operation) => changed(operation, version)),
  )
  const components = asObject(description['components'])
  const schemas = mapValues(asObject(components['schemas']), (schema) => changed(schema, version))
  return { ...description, paths, components: { ...components, schemas } }
}

function changed(part: Json, version: string): Json {
  if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
  const changes = (part['x-github-breaking-changes'] ?? []) as unknown as Change[]
  return changes
    .filter((change) => change.version === version)
    .reduce<Json>(
      (result, { patch }) =>
        Array.isArray(patch) ? patch.reduce(applyStep, result) : merged(result, patch),
      part,
    )
}

function merged(target: Json, patch: Json): Json {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch
  const isObject = target !== null && typeof target === 'object' && !Array.isArray(target)
  const result: JsonObject = isObject ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key] ?? null, value)
  }
  return result
}

interface Step {
  op: string
  path: string
  value?: Json
}

/** One step of RFC 6902. GitHub uses `remove`, `replace` and `add`. */
function applyStep(target: Json, step: Json): Json {
  const { op, path, value = null } = step as unknown as Step
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (op !== 'remove' && op !== 'replace' && op !== 'add') {
    throw new Error(`a step GitHub did not use before: ${op} at ${path}`)
  }
  return replaced(target, keys, op === 'remove' ? undefined : value)
}

function replaced(target: Json, keys: readonly string[], value: Json | undefined): Json {
  const [key = '', ...rest] = keys
  const next = (at: Json): Json | undefined =>
    rest.length === 0 ? value : replaced(at, rest, value)
  if (Array.isArray(target)) {
    const found = next(asArray(target)[Number(key)] ?? null)
    return found === undefined
      ? target.filter((_, index) => index !== Number(key))
      : target.with(Number(key), found)
  }
  const { [key]: before = null, ...others } = asObject(target)
  const found = next(before)
  return found === undefined ? others : { ...others, [key]: found }
}

function mapValues(object: JsonObject, map: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
