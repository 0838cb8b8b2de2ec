import {
  textOf,
  valueOf,
  type Concurrency,
  type Defaults,
  type Entry,
  type Node,
  type Permissions,
  type Text,
} from './model.ts'

/** The entries of a mapping; none of anything else. */
export function readEntries(node: Node | null): Entry[] {
  return node?.kind === 'mapping' ? node.entries : []
}

/** The texts of a list, or the one text there is. */
export function readTexts(node: Node | null): Text[] {
  if (node === null) return []
  const items = node.kind === 'list' ? node.items : [node]
  return items.filter((item) => item.kind === 'text' && item.text !== '') as Text[]
}

export function readPermissions(node: Node | null): Permissions | null {
  if (node === null) return null
  const { line, column } = node
  if (node.kind === 'mapping') return { line, column, all: null, scopes: node.entries }
  return node.kind === 'text' ? { line, column, all: node.text, scopes: [] } : null
}

export function readConcurrency(node: Node | null): Concurrency | null {
  if (node === null) return null
  const { line, column } = node
  if (node.kind === 'text') {
    return { line, column, group: node, cancelInProgress: null }
  }
  const entries = readEntries(node)
  const group = textOf(entries, 'group')
  if (group === null) return null
  return { line, column, group, cancelInProgress: textOf(entries, 'cancel-in-progress') }
}

export function readDefaults(node: Node | null): Defaults {
  const run = readEntries(valueOf(readEntries(node), 'run'))
  return { shell: textOf(run, 'shell') }
}
