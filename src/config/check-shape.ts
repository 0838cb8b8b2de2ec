import type { z } from 'zod'
import { nearest } from '../core/text.ts'
import { ofTheKindMeant } from './kind-issues.ts'
import { configTree } from './json-schema.ts'
import { received, type Path, type Problem } from './problems.ts'
import { valueAt } from './raw.ts'
import { configSchema, type Config } from './schema.ts'

/** Checks the data against the schema; `config` is there when nothing is wrong. */
export function checkShape(data: unknown): { config?: Config; problems: Problem[] } {
  const result = configSchema.safeParse(data, { error: wording })
  if (result.success) return { config: result.data, problems: [] }
  const issues = result.error.issues.flatMap((issue) => ofTheKindMeant(issue))
  // The tree takes a moment to make, and only unknown keys are looked for in it.
  const isUnknown = issues.some(({ code }) => code === 'unrecognized_keys')
  const schema = isUnknown ? configTree() : {}
  return { problems: issues.flatMap((issue) => problemsOf(issue, data, schema)) }
}

type Issue = z.core.$ZodIssue
type JsonSchema = z.core.JSONSchema.JSONSchema

function problemsOf(issue: Issue, data: unknown, schema: JsonSchema): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(issue.path, key, knownKeys(schema, issue.path)))
  }
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, message: issue.issues[0]?.message ?? 'is not a usable key' }]
  }
  const value = valueAt(data, issue.path)
  if (value === undefined) return [{ path: issue.path, message: 'is missing' }]
  if (value === null) return [{ path: issue.path, message: 'has no value: set it or remove it' }]
  // That it is a list or a mapping is only news where something else was expected.
  const isNews = typeof value !== 'object' || issue.code === 'invalid_type'
  const got = isNews ? received(issue.path, value) : ''
  return [{ path: issue.path, message: `${issue.message}${got}${likelySlip(issue, value)}` }]
}

function unknownKey(parent: Path, key: string, known: string[]): Problem {
  const suggestion = nearest(key, known)
  const hint = suggestion === undefined ? '' : `, did you mean "${suggestion}"?`
  return { path: [...parent, key], message: `is not a known key${hint}` }
}

function likelySlip(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return ''
  const suggestion = nearest(value, issue.values.map(String))
  return suggestion === undefined ? '' : `, did you mean "${suggestion}"?`
}

/** Words for what zod finds by itself; the schema words the rest. */
function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return `must be ${typeNames[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') {
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
  }
  if (issue.code === 'too_small') {
    return sizeWording(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum)
  }
  if (issue.code === 'too_big') return sizeWording(issue.origin, 'at most', issue.maximum)
  return 'must be plain JSON data'
}

const typeNames: Record<string, string> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

function sizeWording(origin: string, relation: string, limit: unknown): string {
  if (origin === 'string') return `must have ${relation} ${String(limit)} character(s)`
  return `must be ${relation} ${String(limit)}`
}

/** The keys the schema allows at a path. */
function knownKeys(root: JsonSchema, path: Path): string[] {
  const schema = path.reduce<JsonSchema | undefined>(below, root)
  return Object.keys(schema?.properties ?? {})
}

function below(schema: JsonSchema | undefined, key: PropertyKey): JsonSchema | undefined {
  const next =
    typeof key === 'number'
      ? schema?.items
      : (schema?.properties?.[String(key)] ?? schema?.additionalProperties)
  return typeof next === 'object' && !Array.isArray(next) ? next : undefined
}
