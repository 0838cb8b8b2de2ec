import type { Run } from './run-state.ts'
import {
  callReaches,
  listOf,
  longestText,
  opaque,
  plus,
  type PyCall,
  type PyText,
  type PyValue,
} from './value.ts'

const computed = 'its text is put together when it runs'

/** What methods of text come to; none of them has an effect. */
export function textMethod(text: PyText, name: string, call: PyCall): PyValue {
  if (['strip', 'lstrip', 'rstrip', 'encode', 'decode'].includes(name)) {
    // Lines must keep their place, and blanks around SQL mean nothing.
    return text.lines.length === 1 ? { ...text, text: text.text.trim() } : text
  }
  if (name === 'lower') return { ...text, text: text.text.toLowerCase() }
  if (name === 'upper') return { ...text, text: text.text.toUpperCase() }
  if (name === 'join') return joined(text, call.args[0])
  if (name === 'format' && !call.more) return formatted(text, call)
  return opaque(computed)
}

/** `'{} {name}'.format(...)` of what is written down; anything else is put together when it runs. */
function formatted(text: PyText, { args, keywords }: PyCall): PyValue {
  let next = 0
  return filled(text, /\{\{|\}\}|\{([^{}]*)\}/g, (whole, field = '') => {
    if (whole === '{{' || whole === '}}') return { ...text, text: whole.slice(1) }
    if (field === '') return args[next++]
    return /^\d+$/.test(field) ? args[Number(field)] : keywords.get(field)
  })
}

/** `'%s' % value` and `'%s %s' % (one, other)`. */
export function percented(text: PyText, value: PyValue): PyValue {
  const values = value.kind === 'list' ? value.items : [value]
  let next = 0
  const result = filled(text, /%([%sd])|%/g, (_whole, sign) =>
    sign === '%' ? { ...text, text: '%' } : sign === undefined ? undefined : values[next++],
  )
  return next === values.length ? result : opaque(computed)
}

/** The text with values in its gaps; none of them may be computed or bring lines of its own. */
function filled(
  text: PyText,
  gaps: RegExp,
  valueOf: (whole: string, field: string | undefined) => PyValue | undefined,
): PyValue {
  let plain = true
  let room = longestText
  const result = text.text.replace(gaps, (whole: string, field: string | undefined) => {
    const value = valueOf(whole, field)
    const known = value?.kind === 'number' || (value?.kind === 'text' && !value.text.includes('\n'))
    room -= known ? value.text.length : 0
    if (known && room > 0) return value.text
    plain = false
    return ''
  })
  return plain ? { ...text, text: result } : opaque(computed)
}

function joined(separator: PyText, items: PyValue | undefined): PyValue {
  if (items?.kind !== 'list') return opaque(computed)
  let whole: PyValue | null = null
  for (const item of items.items) {
    if (item.kind !== 'text') return opaque(computed)
    const [line = 0] = item.lines
    const between: PyText = { ...separator, lines: separator.lines.map(() => line) }
    whole = whole ? plus(plus(whole, between), item) : item
  }
  return whole ?? { kind: 'text', text: '', lines: separator.lines }
}

const changes =
  /^(?:append|extend|insert|remove|pop|popitem|clear|sort|reverse|update|add|discard|setdefault)$/

/** What methods of lists and dictionaries come to. One that is changed is no longer what is written. */
export function listMethod(
  value: Extract<PyValue, { kind: 'list' | 'dict' }>,
  name: string,
  call: PyCall,
  run: Run,
): PyValue {
  if (changes.test(name)) {
    run.changed.add(value)
    return opaque('it is put together when it runs', callReaches(call))
  }
  if (value.kind === 'dict') {
    const { entries } = value
    if (name === 'keys') return listOf(entries.map(([key]) => key))
    if (name === 'values') return listOf(entries.map(([, item]) => item))
    if (name === 'items') {
      return listOf(entries.map((items) => listOf(items)))
    }
  }
  return opaque('it is looked up when it runs', callReaches(call))
}
