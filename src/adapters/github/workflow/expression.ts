import { Lexer, Parser, type Expr } from '@actions/expressions'
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
import { stringOf } from './value.ts'

const contextNames =
  'github inputs vars needs strategy matrix env job jobs runner steps secrets'.split(' ')

const statusNames: readonly string[] = ['success', 'failure', 'cancelled', 'always']

/** Functions beyond those of GitHub's library. */
const functions = [
  ...statusNames.map((name) => ({ name, minArgs: 0, maxArgs: 0 })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
]

/** GitHub's own parse of an expression; null when it is none. */
export function parseExpression(source: string): Expr | null {
  try {
    const { tokens } = new Lexer(source).lex()
    return new Parser(tokens, contextNames, functions).parse() ?? null
  } catch {
    return null
  }
}

/** Where an expression looks: `github.event.issue.title`, `needs.*.result`; lower case, no duplicates. */
export function referencesIn(source: string): string[] {
  const expression = parseExpression(source)
  const paths = new Set<string>()
  if (expression !== null) collect(expression, paths)
  return [...paths]
}

/** Without one of these, GitHub puts `success() &&` before a condition. */
export function hasStatusFunction(expression: Expr): boolean {
  return (
    (expression instanceof FunctionCall &&
      statusNames.includes(expression.functionName.lexeme.toLowerCase())) ||
    childrenOf(expression).some(hasStatusFunction)
  )
}

function collect(expression: Expr, paths: Set<string>): void {
  const path = pathOf(expression)
  if (path !== null) paths.add(path.toLowerCase())
  // Below a path there may be an index with paths of its own.
  for (const child of path === null ? childrenOf(expression) : indexesOf(expression))
    collect(child, paths)
}

function pathOf(expression: Expr): string | null {
  if (expression instanceof ContextAccess) return expression.name.lexeme
  if (!(expression instanceof IndexAccess)) return null
  const before = pathOf(expression.expr)
  return before && `${before}.${indexText(expression.index)}`
}

function indexText(index: Expr): string {
  if (index instanceof Star) return '*'
  const text = index instanceof Literal ? stringOf({ kind: 'known', data: index.literal }) : null
  return text ?? '*'
}

function indexesOf(expression: Expr): Expr[] {
  if (!(expression instanceof IndexAccess)) return []
  return [...indexesOf(expression.expr), expression.index]
}

function childrenOf(expression: Expr): Expr[] {
  if (expression instanceof Logical || expression instanceof FunctionCall) return expression.args
  if (expression instanceof Binary) return [expression.left, expression.right]
  if (expression instanceof Unary) return [expression.expr]
  if (expression instanceof Grouping) return [expression.group]
  return expression instanceof IndexAccess ? [expression.expr, expression.index] : []
}
