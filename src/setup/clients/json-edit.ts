import {
  createScanner,
  findNodeAtLocation,
  parseTree,
  type JSONPath,
  type Node,
} from 'jsonc-parser'

// JSON with comments, changed where it has to be and nowhere else. The library's own `modify` formats
// whole lines anew, those of other servers too.

/** How a file is written. */
export interface Style {
  eol: string
  /** One step of indentation. */
  unit: string
}

/** The first indented line decides. */
export function styleOf(text: string): Style {
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit }
}

export function nodeAt(text: string, path: JSONPath): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true })
  return root && findNodeAtLocation(root, path)
}

/** The text with one more property, or item where `key` is null, behind the last one. */
export function inserted(
  text: string,
  style: Style,
  path: JSONPath,
  { key, value }: { key: string | null; value: unknown },
): string {
  const container = nodeAt(text, path)!
  const last = container.children?.at(-1)
  const comma = last !== undefined && commaAfter(text, endOf(last)) !== null
  const base = indentAt(text, container.offset)
  const indent = base + style.unit
  const brace = endOf(container) - 1
  const place = endOfText(text, brace)
  const name = key === null ? '' : `${JSON.stringify(key)}: `
  const item = style.eol + indent + name + written(value, style, indent) + (comma ? ',' : '')
  const hasOwnLine = text.slice(place, brace).includes('\n')
  const rest = hasOwnLine ? text.slice(place) : style.eol + base + text.slice(brace)
  const before = last && !comma ? withComma(text.slice(0, place), last) : text.slice(0, place)
  return before + item + rest
}

export function replaced(text: string, style: Style, path: JSONPath, value: unknown): string {
  const node = nodeAt(text, path)!
  return spliced(text, node.offset, endOf(node), written(value, style, indentAt(text, node.offset)))
}

/** The text without a property or an item, and without what would be left of its line. */
export function removed(text: string, path: JSONPath): string {
  const found = nodeAt(text, path)!
  const child = typeof path.at(-1) === 'string' ? found.parent! : found
  const { children = [] } = child.parent!
  const before = children[children.indexOf(child) - 1]
  const comma = commaAfter(text, endOf(child))
  const end = comma === null ? endOf(child) : comma + 1
  const rest = spliced(text, endOfText(text, child.offset), end, '')
  // The one before is the last one now.
  const left = comma === null && before ? commaAfter(rest, endOf(before)) : null
  return closedUp(left === null ? rest : spliced(rest, left, left + 1, ''), path.slice(0, -1))
}

/** `{` and `}` with nothing in between belong together. */
function closedUp(text: string, path: JSONPath): string {
  const container = nodeAt(text, path)!
  const [from, to] = [container.offset + 1, endOf(container) - 1]
  return text.slice(from, to).trim() === '' ? spliced(text, from, to, '') : text
}

function withComma(text: string, last: Node): string {
  return spliced(text, endOf(last), endOf(last), ',')
}

function spliced(text: string, from: number, to: number, content: string): string {
  return text.slice(0, from) + content + text.slice(to)
}

function written(value: unknown, { unit, eol }: Style, indent: string): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indent)
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

/** Where the white space before `offset` begins. */
function endOfText(text: string, offset: number): number {
  return text.slice(0, offset).trimEnd().length
}

/** The white space that the line of `offset` begins with. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1)
  return /^[ \t]*/.exec(line)![0]
}

/** Where the comma behind a value is; null when there is none. */
function commaAfter(text: string, offset: number): number | null {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  scanner.scan()
  const place = scanner.getTokenOffset()
  return text[place] === ',' ? place : null
}
