import { lineOf, type PyNode } from './node.ts'
import { opaque, plus, type PyText, type PyValue } from './value.ts'

/** The value of a string literal; `evaluate` is for what stands in the braces of an f-string. */
export function stringValue(node: PyNode, evaluate: (node: PyNode) => PyValue): PyValue {
  const children = node.children()
  const prefix = /^[a-z]*/i.exec(children[0]?.text() ?? '')?.[0].toLowerCase() ?? ''
  if (prefix.includes('b')) return opaque('it is made of bytes')
  let whole: PyValue = { kind: 'text', text: '', lines: [lineOf(node)] }
  for (const child of children) {
    const piece = pieceOf(child, prefix, evaluate)
    if (piece === null) continue
    if (piece.kind !== 'text') return opaque('its text is put together when it runs')
    whole = plus(whole, piece)
  }
  return whole
}

function pieceOf(
  child: PyNode,
  prefix: string,
  evaluate: (node: PyNode) => PyValue,
): PyValue | null {
  if (child.kind() === 'string_content') return decode(child, prefix)
  if (child.kind() !== 'interpolation') return null
  const plain = child.children().every((part) => /^(?:[{}]|[a-z_]+)$/.test(String(part.kind())))
  const expression = child.field('expression')
  const value = expression ? evaluate(expression) : opaque('it is empty')
  const formatted = child
    .children()
    .some((part) => ['type_conversion', 'format_specifier', '='].includes(String(part.kind())))
  if (formatted || !plain) return opaque('it is formatted')
  if (value.kind === 'number') return { ...value, kind: 'text', lines: [lineOf(child)] }
  return value
}

const tokens =
  /\\(?:\r?\n|[0-7]{1,3}|x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|N\{[^}]*\}|[^])|\r?\n|[^\\\n\r]+|\r/gi

/** What the text between the quotes stands for, with the line that each of its lines begins in. */
function decode(node: PyNode, prefix: string): PyText {
  const raw = prefix.includes('r')
  const source = prefix.includes('f') ? node.text().replace(/([{}])\1/g, '$1') : node.text()
  let line = lineOf(node)
  const lines = [line]
  const pieces = source.match(tokens) ?? []
  const decoded = pieces.map((piece) => {
    if (piece.endsWith('\n')) line++
    const text = raw && piece.startsWith('\\') ? piece : decodePiece(piece)
    if (text.endsWith('\n')) lines.push(line)
    return text
  })
  return { kind: 'text', text: decoded.join(''), lines }
}

const simple: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

function decodePiece(piece: string): string {
  if (!piece.startsWith('\\')) return piece
  const code = piece.slice(1)
  if (/^\r?\n$/.test(code)) return ''
  if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
  if (/^[xuU][\da-f]/i.test(code)) {
    const point = Number.parseInt(code.slice(1), 16)
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : '\uFFFD'
  }
  // A character by its name is one that no name in a database needs.
  if (code.startsWith('N{')) return '\uFFFD'
  return simple[code] ?? piece
}
