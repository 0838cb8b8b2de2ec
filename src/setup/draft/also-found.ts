import { placeOf, type Evidence, type Facts } from '../survey/facts.ts'
import { comment } from './text.ts'

/** What was found and no key of this version takes, and what was not looked at, as comments. */
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
  const missed = facts.limits.map((what) => comment(`- ${what}`))
  return [
    ...(lines.length === 0 ? [] : ['# Found too, and used by no key of this version:', ...lines]),
    ...(missed.length === 0
      ? []
      : ['# Not looked at, so what follows from it is missing:', ...missed]),
  ]
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
