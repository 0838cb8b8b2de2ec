import { data, Evaluator, type Expr } from '@actions/expressions'
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Star,
  Unary,
} from '@actions/expressions/ast'
import { TokenType, type Token } from '@actions/expressions/lexer'
import { oneLine } from '../../../core/text.ts'
import { parseExpression } from './expression.ts'
import { known, nothing, settled, stringOf, truthOf, unknown, type Value } from './value.ts'

/** What an expression may refer to, and what the status functions say. */
export interface Scope {
  /** By name: `github`, `inputs`, `needs`, ... One that is missing is unknown. */
  contexts: Readonly<Record<string, Value>>
  /** `success`, `failure`, `cancelled`. One that is missing is unknown; `always` needs nothing. */
  status: Readonly<Record<string, Value>>
}

/**
 * What an expression comes to. GitHub's own evaluator decides wherever all is known; here is only what
 * follows although something is not: `false && secrets.X` is false.
 */
export function evaluate(source: string, scope: Scope): Value {
  const expression = parseExpression(source)
  if (expression === null) return unknown(`"${oneLine(source, 80)}", which is no expression`)
  try {
    return visit(expression, scope)
  } catch (error) {
    return unknown(`"${oneLine(source, 80)}" (${oneLine((error as Error).message, 80)})`)
  }
}

function visit(expression: Expr, scope: Scope): Value {
  if (expression instanceof Literal) return { kind: 'known', data: expression.literal }
  if (expression instanceof Grouping) return visit(expression.group, scope)
  if (expression instanceof ContextAccess) return context(expression.name.lexeme, scope)
  if (expression instanceof IndexAccess) return access(expression, scope)
  if (expression instanceof Logical) return logical(expression, scope)
  if (expression instanceof Unary) return negated(visit(expression.expr, scope))
  if (expression instanceof Binary) {
    const sides = [expression.left, expression.right].map((side) => visit(side, scope))
    const { operator } = expression
    return whenKnown(sides, ([left, right]) => new Binary(left!, operator, right!))
  }
  return expression instanceof FunctionCall ? called(expression, scope) : unknown('an expression')
}

function context(name: string, { contexts }: Scope): Value {
  return contexts[name.toLowerCase()] ?? unknown(name)
}

/** The first argument that decides is the result. One that is not known leaves only the truth open. */
function logical({ operator, args }: Logical, scope: Scope): Value {
  const deciding = operator.type === TokenType.OR
  let open: Value | null = null
  let last: Value = nothing
  for (const argument of args) {
    last = visit(argument, scope)
    const truth = truthOf(last)
    if (truth === deciding) return open === null ? last : unknown(whyOf(open), deciding)
    if (truth === null) open ??= last
  }
  // The open one may decide as well, so even the truth is open.
  return open === null ? last : unknown(whyOf(open))
}

function whyOf(value: Value): string {
  return value.kind === 'unknown' ? value.why : 'a part of it'
}

function negated(value: Value): Value {
  const truth = truthOf(value)
  return truth === null ? value : known(!truth)
}

function called({ functionName, args }: FunctionCall, scope: Scope): Value {
  const name = functionName.lexeme.toLowerCase()
  if (name === 'always') return known(true)
  if (name === 'success' || name === 'failure' || name === 'cancelled')
    return scope.status[name] ?? unknown(`${name}()`)
  if (name === 'hashfiles') return unknown('hashFiles()')
  const values = args.map((argument) => visit(argument, scope))
  return whenKnown(values, (literals) => new FunctionCall(functionName, literals))
}

function whenKnown(values: readonly Value[], build: (literals: Expr[]) => Expr): Value {
  const parts = values.map(settled)
  const open = parts.find((part) => part.kind === 'unknown')
  if (open) return unknown(open.why)
  const literals = parts.map((part) => literalOf(part.kind === 'known' ? part.data : nothing.data))
  const empty = new data.Dictionary()
  const result = new Evaluator(build(literals), empty).evaluate()
  const length = result instanceof data.StringData ? result.value.length : 0
  return length > longestText ? unknown('a text without end') : { kind: 'known', data: result }
}

/** `format` within `format` doubles a text again and again; no input may be this long. */
const longestText = 100_000

function literalOf(of: data.ExpressionData): Literal {
  const token: Token = {
    type: TokenType.STRING,
    lexeme: '',
    range: { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } },
  }
  return new Literal(of, token)
}

function access({ expr, index }: IndexAccess, scope: Scope): Value {
  const object = visit(expr, scope)
  if (index instanceof Star) return everyOf(object)
  const key = visit(index, scope)
  const name = stringOf(key)
  if (name === null) return unknown(whyOf(key))
  return elementOf(object, name, key)
}

function elementOf(object: Value, name: string, key: Value): Value {
  switch (object.kind) {
    case 'unknown':
      return unknown(`${object.why}.${name}`)
    case 'partial': {
      const { rest } = object
      const missing = rest.kind === 'unknown' ? unknown(`${rest.why}.${name}`) : rest
      return object.entries.get(name.toLowerCase()) ?? missing
    }
    case 'several':
      return { kind: 'several', items: object.items.flatMap((item) => present(item, name, key)) }
    case 'known':
      return whenKnown([object, key], ([of, at]) => new IndexAccess(of!, at!))
  }
}

/** `.*` drops what has no such name. */
function present(item: Value, name: string, key: Value): Value[] {
  const element = elementOf(item, name, key)
  return element.kind === 'known' && element.data.kind === data.Kind.Null ? [] : [element]
}

function everyOf(object: Value): Value {
  if (object.kind === 'partial') {
    const { entries, rest } = object
    return rest.kind === 'unknown' ? rest : { kind: 'several', items: [...entries.values()] }
  }
  if (object.kind === 'several')
    return { kind: 'several', items: object.items.map(everyOf).flatMap(flattened) }
  if (object.kind === 'unknown') return unknown(`${object.why}.*`)
  const of = object.data
  const list = of instanceof data.Array || of instanceof data.Dictionary ? of.values() : []
  return { kind: 'several', items: list.map((item) => ({ kind: 'known', data: item })) }
}

function flattened(value: Value): Value[] {
  return value.kind === 'several' ? value.items : [value]
}
