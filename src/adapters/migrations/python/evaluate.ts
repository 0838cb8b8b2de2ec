import { evaluateCall } from './call.ts'
import { comprehension } from './comprehension.ts'
import { bind } from './bind.ts'
import { partsOf, type PyNode } from './node.ts'
import { addUnknown, inBranch } from './report.ts'
import { deepest, lookUp, type Run } from './run-state.ts'
import { percented } from './methods.ts'
import { stringValue } from './strings.ts'
import {
  dictOf,
  listOf,
  memberOf,
  none,
  opaque,
  plus,
  reaches,
  type PyValue,
  type Scope,
} from './value.ts'

type Evaluate = (node: PyNode, scope: Scope, run: Run) => PyValue

/** The value of an expression, as far as it can be told; calls in it are followed or told to the host. */
export function evaluate(node: PyNode, scope: Scope, run: Run): PyValue {
  if (run.left <= 0) return opaque('the file is too long to be followed', true)
  run.left--
  if (run.depth >= deepest) {
    addUnknown(run.report, node, 'it is nested too deeply to be followed')
    return opaque('it is nested too deeply to be followed', true)
  }
  run.depth++
  const value = (kinds.get(String(node.kind())) ?? computed)(node, scope, run)
  run.depth--
  return value
}

const kinds = new Map<string, Evaluate>([
  ['identifier', (node, scope, run) => lookUp(node.text(), scope, run)],
  ['none', () => none],
  ['true', () => ({ kind: 'bool', value: true })],
  ['false', () => ({ kind: 'bool', value: false })],
  ['integer', (node) => ({ kind: 'number', text: node.text() })],
  ['float', (node) => ({ kind: 'number', text: node.text() })],
  ['string', (node, scope, run) => stringValue(node, (part) => evaluate(part, scope, run))],
  ['concatenated_string', concatenated],
  ['attribute', attribute],
  ['call', (node, scope, run) => evaluateCall(node, scope, run, evaluate)],
  ['list', list],
  ['tuple', list],
  ['set', list],
  ['expression_list', list],
  ['dictionary', dictionary],
  ['parenthesized_expression', inner],
  ['await', inner],
  ['binary_operator', binary],
  ['unary_operator', unary],
  ['comparison_operator', comparison],
  ['boolean_operator', boolean],
  ['not_operator', boolean],
  ['conditional_expression', either],
  ['subscript', subscript],
  ['named_expression', walrus],
  ['list_comprehension', (node, scope, run) => comprehension(node, scope, run, evaluate)],
  ['set_comprehension', (node, scope, run) => comprehension(node, scope, run, evaluate)],
  ['generator_expression', (node, scope, run) => comprehension(node, scope, run, evaluate)],
  ['dictionary_comprehension', (node, scope, run) => comprehension(node, scope, run, evaluate)],
])

/** Everything else: what is in it may have effects, what it comes to is not known. */
function computed(node: PyNode, scope: Scope, run: Run): PyValue {
  const values = partsOf(node).map((part) => evaluate(part, scope, run))
  return opaque('its value is computed when it runs', values.some(reaches))
}

function inner(node: PyNode, scope: Scope, run: Run): PyValue {
  const [part] = partsOf(node)
  return part ? evaluate(part, scope, run) : none
}

function concatenated(node: PyNode, scope: Scope, run: Run): PyValue {
  let whole: PyValue | null = null
  for (const part of partsOf(node)) {
    const piece = evaluate(part, scope, run)
    whole = whole ? plus(whole, piece) : piece
  }
  return whole ?? none
}

function attribute(node: PyNode, scope: Scope, run: Run): PyValue {
  const object = node.field('object')
  const name = node.field('attribute')?.text() ?? ''
  const of: PyValue = object ? evaluate(object, scope, run) : none
  if (of.kind === 'name') return { kind: 'name', name: `${of.name}.${name}` }
  if (of.kind === 'handle') return run.host.attribute(of, name)
  return memberOf(of, name)
}

function list(node: PyNode, scope: Scope, run: Run): PyValue {
  const items = partsOf(node).flatMap((part): PyValue[] => {
    if (part.kind() !== 'list_splat') return [evaluate(part, scope, run)]
    const value = inner(part, scope, run)
    return value.kind === 'list' ? value.items : [opaque('it is unpacked', reaches(value))]
  })
  return listOf(items)
}

function dictionary(node: PyNode, scope: Scope, run: Run): PyValue {
  const entries = partsOf(node).flatMap((part): [PyValue, PyValue][] => {
    const [key, value] = [part.field('key'), part.field('value')]
    if (key && value) return [[evaluate(key, scope, run), evaluate(value, scope, run)]]
    const spread = inner(part, scope, run)
    if (spread.kind === 'dict') return spread.entries
    const hidden = opaque('it is unpacked', reaches(spread))
    return [[hidden, hidden]]
  })
  return dictOf(entries)
}

function binary(node: PyNode, scope: Scope, run: Run): PyValue {
  const [left, right] = [node.field('left'), node.field('right')]
  if (!left || !right) return computed(node, scope, run)
  const [one, other] = [evaluate(left, scope, run), evaluate(right, scope, run)]
  const operator = node.field('operator')?.text()
  if (operator === '+') return plus(one, other)
  if (operator === '%' && one.kind === 'text') return percented(one, other)
  return opaque('its value is computed when it runs', reaches(one) || reaches(other))
}

function unary(node: PyNode, scope: Scope, run: Run): PyValue {
  const value = inner(node, scope, run)
  if (value.kind === 'number') return { kind: 'number', text: node.text() }
  return opaque('its value is computed when it runs', reaches(value))
}

/** A question about the kind of database stays one: its answers are listed side by side. */
function comparison(node: PyNode, scope: Scope, run: Run): PyValue {
  const values = partsOf(node).map((part) => evaluate(part, scope, run))
  const dialect = values.find((value) => value.kind === 'handle' && value.what === 'dialect')
  return dialect ?? opaque('it is compared when it runs')
}

function boolean(node: PyNode, scope: Scope, run: Run): PyValue {
  const values = partsOf(node).map((part) => evaluate(part, scope, run))
  const [first] = values
  if (first?.kind === 'bool' && values.length === 1) return { kind: 'bool', value: !first.value }
  const dialect = values.every((value) => value.kind === 'handle' && value.what === 'dialect')
  return dialect && first ? first : opaque('it is decided when it runs', values.some(reaches))
}

function either(node: PyNode, scope: Scope, run: Run): PyValue {
  const [yes, condition, no] = partsOf(node)
  if (condition) evaluate(condition, scope, run)
  const values: PyValue[] = []
  for (const part of [yes, no]) {
    if (part) inBranch(run.report, () => values.push(evaluate(part, scope, run)))
  }
  return opaque('it is decided when it runs', values.some(reaches))
}

function subscript(node: PyNode, scope: Scope, run: Run): PyValue {
  const values = partsOf(node).map((part) => evaluate(part, scope, run))
  const [object, index] = values
  if (object?.kind === 'list' && index?.kind === 'number') {
    return object.items.at(Number(index.text)) ?? none
  }
  if (object?.kind === 'dict' && index?.kind === 'text') {
    const found = object.entries.findLast(([key]) => key.kind === 'text' && key.text === index.text)
    if (found) return found[1]
  }
  return opaque('it is looked up when it runs', values.some(reaches))
}

function walrus(node: PyNode, scope: Scope, run: Run): PyValue {
  const [name, expression] = [node.field('name'), node.field('value')]
  const value: PyValue = expression ? evaluate(expression, scope, run) : none
  if (name) bind(name, value, scope, run)
  return value
}
