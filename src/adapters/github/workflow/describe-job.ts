import type { Scope } from './evaluate.ts'
import type { Combination } from './matrix.ts'
import { matrixTitle } from './matrix.ts'
import type { Concurrency, Job } from './model.ts'
import type { PlannedConcurrency, PlannedJob } from './plan.ts'
import { evaluateNode } from './text.ts'
import { partial, known, stringOf, truthOf } from './value.ts'

/** The scope of one job of a matrix. */
export function withMatrix(scope: Scope, matrix: Combination | null): Scope {
  const entries = Object.entries(matrix ?? {}).map(([key, value]) => [key, known(value)] as const)
  return { ...scope, contexts: { ...scope.contexts, matrix: partial(Object.fromEntries(entries)) } }
}

/** The title GitHub shows for a job. */
export function titleOf(job: Job, scope: Scope, matrix: Combination | null): string {
  const named = job.name && stringOf(evaluateNode(job.name, scope))
  if (named) return named
  return matrix === null ? job.id : matrixTitle(job.id, matrix)
}

/** The environment a job names, or why that is not known. */
export function environmentOf(
  { environment }: Job,
  scope: Scope,
): Pick<PlannedJob, 'environment' | 'environmentUnknown'> {
  if (environment === null) return { environment: null, environmentUnknown: null }
  const value = evaluateNode(environment.name, scope)
  const name = stringOf(value)
  if (name !== null) return { environment: name === '' ? null : name, environmentUnknown: null }
  return { environment: null, environmentUnknown: value.kind === 'unknown' ? value.why : 'it' }
}

export function concurrencyOf(
  concurrency: Concurrency | null,
  scope: Scope,
): PlannedConcurrency | null {
  if (concurrency === null) return null
  const { group, cancelInProgress } = concurrency
  return {
    group: stringOf(evaluateNode(group, scope)),
    cancelsInProgress:
      cancelInProgress === null ? false : truthOf(evaluateNode(cancelInProgress, scope)),
  }
}
