import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Keys that say what an entry is, where several kinds of entries may stand. */
const tellingKeys: readonly PropertyKey[] = ['kind', 'use']

/**
 * An entry that is none of several kinds is wrong in as many ways: told are those of the kind that was
 * meant, or that there is no such kind.
 */
export function ofTheKindMeant(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const kinds = issue.errors
  const first = kinds[0]?.[0]
  // Not even a mapping, as every one of the kinds says.
  if (first?.code === 'invalid_type' && first.expected === 'object' && first.path.length === 0) {
    return [{ ...first, path: issue.path }]
  }
  if (!kinds.some((issues) => issues.some(isAboutKind))) return [issue]
  const meant = kinds.filter((issues) => !issues.some(isAboutKind))
  const [best] = meant.toSorted((left, right) => strays(left) - strays(right))
  const told = best ?? unknownKind(kinds)
  return told.flatMap((inner) => ofTheKindMeant({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isAboutKind(issue: Issue): boolean {
  if (issue.code === 'unrecognized_keys') return issue.keys.some((key) => tellingKeys.includes(key))
  return issue.path.length === 1 && tellingKeys.includes(issue.path[0]!)
}

function strays(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  )
}

/** The kinds there are, where the entry names another one; else whatever is wrong with the first kind. */
function unknownKind(kinds: readonly Issue[][]): Issue[] {
  const about = kinds.flatMap((issues) => issues.filter(isAboutKind))
  const named = about.filter((issue) => issue.code === 'invalid_value')
  // A kind that knows nothing of such a key says that the entry has it.
  const present = about.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
  const first = named.find(({ path }) => present.includes(String(path[0]))) ?? named[0]
  if (!first) return [...(kinds[0] ?? [])]
  const values = named
    .filter(({ path }) => path[0] === first.path[0])
    .flatMap((issue) => issue.values)
    .filter((value) => value !== undefined)
  // Its own words only name the kind that this one is not.
  return [{ ...first, values, message: `must be one of ${values.join(', ')}` }]
}
