import type { CommitContext } from '../../core/commit-checks.ts'
import type { RequiredCheck } from './required-checks.ts'

/** A result, and the App it is from; null: a person's, or of nobody who is known. */
export interface SourcedResult {
  result: CommitContext
  app: string | null
}

interface CountedResults {
  contexts: CommitContext[]
  problems: string[]
}

/**
 * Leaves out what GitHub would not take either: a rule may name the App that a result has to come from, and
 * whoever may push can post a status of any name.
 */
export function fromRequiredSources(
  results: readonly SourcedResult[],
  required: readonly RequiredCheck[],
  branch: string,
): CountedResults {
  const bound = Map.groupBy(
    required.filter(({ app }) => app !== null),
    ({ name }) => name,
  )
  const counts = ({ result: { name }, app }: SourcedResult) =>
    bound.get(name)?.some((rule) => rule.app === app) ?? true
  const others = new Set(results.filter((one) => !counts(one)).map(({ result }) => result.name))
  return {
    contexts: results.filter(counts).map(({ result }) => result),
    problems: [...others].map(
      (name) =>
        `${name} was also reported by another source than the App that ${branch} requires it from, which did not count`,
    ),
  }
}

/** Statuses name their App only by its picture: `https://avatars.githubusercontent.com/in/15368?v=4`. */
export function appOfPicture(address: string | null): string | null {
  return /\/in\/(\d+)$/.exec(URL.parse(address ?? '')?.pathname ?? '')?.[1] ?? null
}
