import type { GitHubParser } from './github-parser.ts'
import { plainText } from './workflow.ts'

/** Values by name of context: `github`, `inputs`, `needs`, ... */
export type Contexts = Readonly<Record<string, unknown>>

/** What success(), failure() and cancelled() say. */
export interface StatusFunctions {
  success: boolean
  failure: boolean
  cancelled: boolean
}

export interface Evaluator {
  /** The value of an expression without its `${{ }}`. */
  value(expression: string, contexts: Contexts, status?: StatusFunctions): unknown
  condition(expression: string, contexts: Contexts, status: StatusFunctions): boolean
  /** A value of the workflow file: texts with `${{ }}` filled in, lists and objects all the way down. */
  fill(value: unknown, contexts: Contexts): unknown
  /** The same for what ends up as text. */
  text(value: unknown, contexts: Contexts): string
}

/** Evaluates with GitHub's own evaluator. */
export function createEvaluator({ expressions }: GitHubParser): Evaluator {
  const { Lexer, Parser, Evaluator: GitHubEvaluator, data } = expressions

  function evaluate(expression: string, contexts: Contexts, status?: StatusFunctions) {
    const functions = functionsFor(expressions, status)
    const parser = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions)
    const known = new Map(functions.map((each) => [each.name.toLowerCase(), each]))
    const dictionary = toData(contexts) as InstanceType<typeof data.Dictionary>
    return new GitHubEvaluator(parser.parse(), dictionary, known).evaluate()
  }

  const toData = (given: unknown) => {
    return JSON.parse(JSON.stringify(given), data.reviver) as ReturnType<typeof evaluate>
  }

  function value(expression: string, contexts: Contexts, status?: StatusFunctions): unknown {
    const result = evaluate(expression, contexts, status)
    return JSON.parse(JSON.stringify(result, data.replacer) ?? 'null')
  }

  function text(given: unknown, contexts: Contexts): string {
    if (given === null || given === undefined) return ''
    if (typeof given !== 'string') return plainText(given)
    return pieces(given)
      .map((piece) =>
        piece.expression ? evaluate(piece.text, contexts).coerceString() : piece.text,
      )
      .join('')
  }

  function fill(given: unknown, contexts: Contexts): unknown {
    if (Array.isArray(given)) return given.map((each) => fill(each, contexts))
    if (typeof given === 'object' && given !== null) {
      return Object.fromEntries(
        Object.entries(given).map(([key, each]) => [key, fill(each, contexts)]),
      )
    }
    if (typeof given !== 'string') return given
    const [only, second] = pieces(given.trim())
    const alone = only?.expression === true && second === undefined
    return alone ? value(only.text, contexts) : text(given, contexts)
  }

  return {
    value,
    fill,
    text,
    condition(expression, contexts, status) {
      const result = value(expression, contexts, status)
      return result !== null && result !== false && result !== 0 && result !== ''
    },
  }
}

/** The functions that only a runner can answer. */
function functionsFor({ data }: GitHubParser['expressions'], status?: StatusFunctions) {
  const answers: Record<string, boolean> = status === undefined ? {} : { ...status, always: true }
  const functions = Object.entries(answers).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 255,
    call: () => new data.BooleanData(answer),
  }))
  // Never the same as anything that was cached.
  const hash = new data.StringData('0'.repeat(64))
  return [...functions, { name: 'hashFiles', minArgs: 1, maxArgs: 255, call: () => hash }]
}

interface Piece {
  text: string
  expression: boolean
}

/** Text and expressions in turn. A `}}` inside a quoted text does not end an expression. */
function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const match of text.matchAll(/\$\{\{((?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*)\}\}/g)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), expression: false })
    found.push({ text: (match[1] ?? '').trim(), expression: true })
    at = match.index + match[0].length
  }
  if (at < text.length || found.length === 0) {
    found.push({ text: text.slice(at), expression: false })
  }
  return found
}
