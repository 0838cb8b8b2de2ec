import { stringify } from 'yaml'
import { sanitize } from '../core/text.ts'
import type { Path } from './problems.ts'

/** One line of YAML, and the comment to put behind it. */
export interface YamlLine {
  text: string
  comment: string
}

/** Leaves in the order of their tree as block YAML: a line per key, lists of texts on one line. */
export function yamlLines(
  leaves: readonly { path: Path; value: unknown; comment: string }[],
): YamlLine[] {
  const lines: YamlLine[] = []
  let before: Path = []
  for (const { path, value, comment } of leaves) {
    for (let depth = sharedDepth(before, path); depth < path.length; depth++) {
      const key = path[depth]!
      // An item has no line of its own: its dash stands before its first key.
      if (typeof key === 'number') continue
      const lead = leadOf(path, depth, before)
      const isLeaf = depth === path.length - 1
      const text = `${lead}${inline(sanitize(String(key)))}:${isLeaf ? ` ${inline(value)}` : ''}`
      lines.push({ text, comment: isLeaf ? comment : '' })
    }
    before = path
  }
  return lines
}

function sharedDepth(left: Path, right: Path): number {
  const differs = right.findIndex((key, index) => left[index] !== key)
  return differs < 0 ? right.length : differs
}

function leadOf(path: Path, depth: number, before: Path): string {
  const startsItem = typeof path[depth - 1] === 'number' && sharedDepth(before, path) < depth
  return startsItem ? `${'  '.repeat(depth - 1)}- ` : '  '.repeat(depth)
}

function inline(value: unknown): string {
  return stringify(value, {
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    lineWidth: 0,
    blockQuote: false,
  }).trimEnd()
}
