import { placeOf, type Evidence, type Facts } from '../survey/facts.ts'
import { comment } from './text.ts'

/** What was found and no key of this version takes, as comments at the end. */
export function alsoFound(facts: Facts): string[] {
  const { migrations, dockerfiles, images, platforms, variables } = facts
  const lines = [
    ...row('migrations', migrations, ({ framework, directory }) => `${framework} in ${directory}`),
    ...row('Dockerfiles', dockerfiles, ({ name }) => name),
    ...row('images', images, ({ name, evidence }) => `${name} (${placeOf(evidence)})`),
    ...row('hosting', platforms, ({ name, evidence }) => `${name} (${placeOf(evidence)})`),
    ...row(
      'variables',
      variables,
      ({ names, evidence }) => `${names.length} names in ${placeOf(evidence)}`,
    ),
  ]
  if (lines.length === 0) return []
  return ['# Found too, and used by no key of this version:', ...lines]
}

function row<T extends { evidence: Evidence }>(
  what: string,
  found: readonly T[],
  words: (item: T) => string,
): string[] {
  if (found.length === 0) return []
  const more = found.length > 5 ? ` and ${found.length - 5} more` : ''
  return [comment(`- ${what}: ${found.slice(0, 5).map(words).join(', ')}${more}`)]
}
