import {
  getNodeValue,
  parse,
  printParseErrorCode,
  type JSONPath,
  type ParseError,
} from 'jsonc-parser'
import type { Entry } from './entry.ts'
import { inserted, nodeAt, removed, replaced, styleOf } from './json-edit.ts'
import { unreadable, type Format } from './format.ts'

/** JSON with comments and trailing commas. What an edit does not concern stays as it was written. */
export const jsonFormat: Format = {
  parse(file, text) {
    if (text.trim() === '') return {}
    const errors: ParseError[] = []
    const data: unknown = parse(text, errors, { allowTrailingComma: true })
    const [first] = errors
    if (first) {
      const line = text.slice(0, first.offset).split('\n').length
      throw unreadable(file, line, printParseErrorCode(first.error))
    }
    return data
  },

  put(text, { table, name, before, after, inputs }) {
    let body = text.trim() === '' ? '{}\n' : text
    const style = styleOf(body)
    const insert = (path: JSONPath, key: string | null, value: unknown) => {
      body = inserted(body, style, path, { key, value })
    }
    if (inputs.length > 0 && !nodeAt(body, ['inputs'])) insert([], 'inputs', [])
    for (const input of inputs) insert(['inputs'], null, input)
    if (before === null) {
      if (!nodeAt(body, [table])) insert([], table, {})
      // `null` is no server, but a second key of that name would be a riddle.
      if (nodeAt(body, [table, name])) return replaced(body, style, [table, name], after)
      insert([table], name, after)
      return body
    }
    for (const { path, key, value } of changes([table, name], before, after)) {
      const place = [...path, key]
      if (value === undefined) body = removed(body, place)
      else if (nodeAt(body, place)) body = replaced(body, style, place, value)
      else insert(path, key, value)
    }
    return body
  },

  drop(text, { table, name, inputs }) {
    let body = removed(text, [table, name])
    if (isBare(body, table)) body = removed(body, [table])
    for (const id of inputs) {
      const items = nodeAt(body, ['inputs'])?.children ?? []
      const index = items.findIndex((item) => getNodeValue(item).id === id)
      body = removed(body, ['inputs', index])
    }
    return inputs.length > 0 && isBare(body, 'inputs') ? removed(body, ['inputs']) : body
  },

  render: (entry) => JSON.stringify(entry, null, 2),

  snippet: (table, name, entry, inputs) =>
    JSON.stringify({ ...(inputs.length > 0 && { inputs }), [table]: { [name]: entry } }, null, 2),
}

interface FieldChange {
  path: JSONPath
  key: string
  /** Undefined: the field goes. */
  value: unknown
}

/** Field by field, and variable by variable: comments between them survive. */
function changes(path: JSONPath, before: Entry, after: Entry): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [old, value] = [before[key], after[key]]
    if (JSON.stringify(old) === JSON.stringify(value)) return []
    if (key !== 'env' || !old || !value) return [{ path, key, value }]
    return changes([...path, key], old as Entry, value as Entry)
  })
}

/** Nothing is in it, not even a comment. */
function isBare(text: string, key: string): boolean {
  return nodeAt(text, [key])?.length === 2
}
