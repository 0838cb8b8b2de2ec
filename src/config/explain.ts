import { Failure } from '../core/failure.ts'
import { nearest, oneLine } from '../core/text.ts'
import { environmentVariables } from './environment-variables.ts'
import { configTree } from './json-schema.ts'
import { defaultInWords, schemaOf, typeInWords, type Schema } from './schema-words.ts'

/** What a key means; `path` has null for each name or position that was left open. */
export interface KeyWords {
  /** `environments.<name>.local.prepare[].run` */
  key: string
  path: (string | number | null)[]
  description: string
  type: string
  /** The values it can have, when there are only a few. */
  allowed: unknown[] | null
  default: string
  required: boolean
  keys: KeyLine[]
}

export interface KeyLine {
  key: string
  type: string
  description: string
  required: boolean
}

/** The sections of the file. */
export function explainTop(): KeyLine[] {
  return linesBelow(configTree())
}

/**
 * What a key means. Names and positions may be given, written as `<name>` and `[]`, or left out:
 * `environments.url` is understood. `environments` are the names there are, as far as they are known.
 */
export function explainKey(text: string, environments: readonly string[]): KeyWords {
  const segments = segmentsOf(text)
  let node: Node = { schema: configTree(), key: '', path: [], required: true, description: '' }
  if (segments.length === 0) throw unknown(node, text, { text, environments })
  while (segments.length > 0) node = step(node, segments, { text, environments })
  const { schema, key, path, required, description } = node
  return {
    key,
    path,
    description: plain(description),
    type: plain(typeInWords(schema)),
    allowed: allowedBy(schema),
    default: required ? '' : plain(defaultInWords(schema)),
    required,
    keys: linesBelow(schema),
  }
}

/** Splits `tests[0].run`, `tests[].run` and `tests.0.run` alike. */
export function segmentsOf(text: string): string[] {
  return text
    .replace(/\[(\w*)\]/g, (_, index: string) => `.${index || '[]'}`)
    .split('.')
    .filter((segment) => segment !== '')
}

interface Node {
  schema: Schema
  key: string
  path: (string | number | null)[]
  required: boolean
  /** Of the key itself, else of the nearest one above it that has one. */
  description: string
}

interface Asked {
  text: string
  environments: readonly string[]
}

/** Goes down one level; takes from `segments` what it used. */
function step(node: Node, segments: string[], asked: Asked): Node {
  const { schema } = node
  const item = schemaOf(schema.items)
  if (item) return stepToItem(node, item, segments)
  const named = schemaOf(schema.additionalProperties)
  if (named) return stepToName(node, named, segments, asked)
  const name = segments.shift()!
  const members = schema.properties ?? {}
  const member = Object.hasOwn(members, name) ? schemaOf(members[name]) : undefined
  if (!member) throw unknown(node, name, asked)
  return {
    schema: member,
    key: node.key === '' ? name : `${node.key}.${name}`,
    path: [...node.path, name],
    required: schema.required?.includes(name) ?? false,
    description: member.description ?? node.description,
  }
}

function stepToItem(node: Node, item: Schema, segments: string[]): Node {
  const index = /^(?:\d+|\[\])$/.test(segments[0]!) ? segments.shift()! : '[]'
  const position = index === '[]' ? null : Number(index)
  const path = [...node.path, position]
  return { ...node, schema: item, key: `${node.key}[]`, path, required: false }
}

function stepToName(node: Node, named: Schema, segments: string[], asked: Asked): Node {
  const key = `${node.key}.<name>`
  const any: Node = { ...node, schema: named, key, path: [...node.path, null], required: false }
  const name = segments[0]!
  if (name === '<name>' || name === '*') {
    segments.shift()
    return any
  }
  const members = named.properties
  // Nothing can be below it, so dots belong to the name, as in the path of a JSON value.
  if (!members) {
    return { ...any, path: [...node.path, segments.splice(0).join('.')] }
  }
  const known = node.key === 'environments' ? asked.environments : []
  const isName = known.length === 0 ? !Object.hasOwn(members, name) : known.includes(name)
  if (!isName && Object.hasOwn(members, name)) return any
  if (!isName) throw refusal(asked, node.key, name, known)
  segments.shift()
  return { ...any, path: [...node.path, name] }
}

function unknown({ key, schema }: Node, name: string, asked: Asked): Failure {
  return refusal(asked, key, name, Object.keys(schema.properties ?? {}))
}

/** A key as it can be typed again: names and positions may be left out. */
export function typeable(key: string): string {
  return key.replaceAll('.<name>', '').replaceAll('[]', '')
}

function refusal({ text }: Asked, parent: string, name: string, known: readonly string[]): Failure {
  const suggestion = nearest(name, known)
  const likely = suggestion === undefined ? '' : `, did you mean ${suggestion}?`
  const [asked, part] = [oneLine(text, 100), oneLine(name, 60)].map((word) => JSON.stringify(word))
  return new Failure({
    code: 'invalid_input',
    message: `${asked} is not a key: ${parent || 'the configuration'} has no ${part}${likely}`,
    hint: `gonogo config explain ${typeable(parent)}`.trim(),
    details: { key: text, known: [...known] },
  })
}

function allowedBy(schema: Schema): unknown[] | null {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  return schema.type === 'boolean' ? [true, false] : null
}

function linesBelow(schema: Schema): KeyLine[] {
  const inner = schemaOf(schema.items) ?? schemaOf(schema.additionalProperties)
  if (inner) return linesBelow(inner)
  return Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const member = schemaOf(value) ?? {}
    return {
      key,
      type: plain(typeInWords(member)),
      description: plain(member.description ?? ''),
      required: schema.required?.includes(key) ?? false,
    }
  })
}

/** The words without Markdown's backticks, which are for the reference. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}

/** What an environment variable means; undefined when gonogo does not read it. */
export function explainVariable(name: string): { meaning: string; fallback: string } | undefined {
  if (!Object.hasOwn(environmentVariables, name)) return undefined
  const { meaning, fallback } = environmentVariables[name as keyof typeof environmentVariables]
  return { meaning: plain(meaning), fallback: plain(fallback) }
}
