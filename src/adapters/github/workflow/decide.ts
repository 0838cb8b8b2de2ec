import { oneLine } from '../../../core/text.ts'
import { evaluate, type Scope } from './evaluate.ts'
import { hasStatusFunction, parseExpression, referencesIn } from './expression.ts'
import type { Job } from './model.ts'
import { piecesOf } from './template.ts'
import { evaluateText } from './text.ts'
import { known, partial, stringOf, truthOf, unknown, type Value } from './value.ts'

export type JobResult = 'success' | 'failure' | 'skipped'

/** A job that another one waits for. */
export interface NeededJob {
  id: string
  /** Null: success or skipped, and nobody knows which. */
  result: JobResult | null
  outputs: Value
  /** The jobs it waits for itself, however far away: `success()` looks at them all. */
  before: readonly NeededJob[]
}

/** All that the decision about a job rests on. */
export interface JobSituation {
  /** `github`, `inputs`, `vars`. */
  contexts: Scope['contexts']
  /** Those in its `needs`. */
  needs: readonly NeededJob[]
}

export interface JobDecision {
  /** Null: cannot be known beforehand. */
  runs: boolean | null
  /** Why, in one line. */
  reason: string
}

/** Whether a job runs, given how those it needs went: as GitHub decides when they have ended. */
export function decideJob(job: Job, situation: JobSituation): JobDecision {
  const scope = jobScope(situation)
  const condition = job.if?.text.trim() ? job.if.text : null
  const implied = condition === null || !asksForStatus(condition)
  const success = scope.status.success!
  if (implied && truthOf(success) !== true) {
    const blocked = whatBlocks(situation)
    const own = condition === null ? null : truthOf(conditionValue(condition, scope))
    // Skipped for sure by its own condition, whatever the others do.
    if (truthOf(success) === false || own !== false) return blocked
  }
  return condition === null ? runs(situation) : byCondition(condition, situation, scope)
}

/** What expressions of a job see before it starts. */
export function jobScope({ contexts, needs }: JobSituation): Scope {
  const before = allBefore(needs)
  const results = before.map(({ result }) => result)
  const failed = results.includes('failure')
  const open = before.find(({ result }) => result === null)
  const bad = results.some((result) => result !== null && result !== 'success')
  return {
    contexts: { ...contexts, needs: needsContext(needs) },
    status: {
      success: bad ? known(false) : open ? unknown(`whether ${open.id} runs`) : known(true),
      failure: known(failed),
      // Nobody cancels what has not begun.
      cancelled: known(false),
    },
  }
}

function needsContext(needs: readonly NeededJob[]): Value {
  const entries = needs.map(({ id, result, outputs }) => {
    const told = result === null ? unknown(`needs.${id}.result`) : known(result)
    return [id, partial({ result: told, outputs })] as const
  })
  return partial(Object.fromEntries(entries))
}

function allBefore(needs: readonly NeededJob[]): NeededJob[] {
  const all = new Map<string, NeededJob>()
  const queue = [...needs]
  for (let job = queue.shift(); job; job = queue.shift()) {
    if (all.has(job.id)) continue
    all.set(job.id, job)
    queue.push(...job.before)
  }
  return [...all.values()]
}

const words: Record<JobResult, string> = {
  success: 'succeeded',
  failure: 'failed',
  skipped: 'is skipped',
}

/** The nearest job in the way, and how it is in the way. */
function whatBlocks({ needs }: JobSituation): JobDecision {
  const before = allBefore(needs)
  const stopped = before.find(({ result }) => result !== null && result !== 'success')
  if (stopped) {
    const { id, result } = stopped
    const reason = `${waysTo(id, needs)}, which ${words[result ?? 'skipped']}`
    return { runs: false, reason }
  }
  const open = before.find(({ result }) => result === null)
  const reason = `${waysTo(open?.id ?? '', needs)}, and whether that runs is not known`
  return { runs: null, reason }
}

function waysTo(id: string, needs: readonly NeededJob[]): string {
  if (needs.some((job) => job.id === id)) return `it needs ${id}`
  const via = needs.find(({ before }) => allBefore(before).some((job) => job.id === id))
  return `it needs ${via?.id ?? id}, which needs ${id}`
}

function runs({ needs }: JobSituation): JobDecision {
  if (needs.length === 0) return { runs: true, reason: 'it needs no other job' }
  return { runs: true, reason: `after ${needs.map(({ id }) => id).join(', ')}` }
}

function byCondition(condition: string, situation: JobSituation, scope: Scope): JobDecision {
  const value = conditionValue(condition, scope)
  const truth = truthOf(value)
  const told = oneLine(isLone(condition) ? sourcesOf(condition).join('') : condition, 160)
  if (truth === false)
    return { runs: false, reason: `its condition is false: ${told}${facts(condition, scope)}` }
  if (truth === null) {
    const why = value.kind === 'unknown' ? value.why : 'something unknown'
    return { runs: null, reason: `its condition depends on ${oneLine(why, 80)}: ${told}` }
  }
  const { reason } = runs(situation)
  if (isLone(condition)) return { runs: true, reason: `its condition holds, ${reason}` }
  return { runs: true, reason: `text beside an expression is always true: ${told}` }
}

/** One expression and nothing around it: a line break after it makes it a text, too. */
function isLone(condition: string): boolean {
  return !condition.includes('${{') || piecesOf(condition).length === 1
}

/** A condition without `${{` is an expression as a whole. With text around one it is always true. */
function conditionValue(condition: string, scope: Scope): Value {
  const bare = !condition.includes('${{')
  return bare ? evaluate(condition, scope) : evaluateText(condition, scope)
}

function sourcesOf(condition: string): string[] {
  if (!condition.includes('${{')) return [condition]
  return piecesOf(condition).flatMap((piece) => (piece.kind === 'expression' ? [piece.source] : []))
}

function asksForStatus(condition: string): boolean {
  return sourcesOf(condition).some((source) => {
    const expression = parseExpression(source)
    return expression !== null && hasStatusFunction(expression)
  })
}

/** What the condition looked at, so that one sees why it is false. */
function facts(condition: string, scope: Scope): string {
  const told = sourcesOf(condition)
    .flatMap(referencesIn)
    .filter((path) => !path.includes('*'))
    .flatMap((path) => {
      const value = stringOf(evaluate(path, scope))
      return value === null ? [] : [`${path} is ${value === '' ? 'empty' : oneLine(value, 60)}`]
    })
  return told.length === 0 ? '' : ` (${told.slice(0, 3).join(', ')})`
}
