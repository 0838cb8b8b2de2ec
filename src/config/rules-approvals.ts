import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, itemsAt, valueAt } from './raw.ts'

/** Who is who, and whether those who have to approve can. */
export function approvalRules(data: unknown): Problem[] {
  return [
    ...sharedIdentities(data),
    ...ambiguousNames(data),
    ...unknownNames(data),
    ...tooFewPeople(data),
  ]
}

const people: Path = ['approvals', 'people']
const groups: Path = ['approvals', 'groups']

/** Somebody with two names could approve twice, or approve themselves. */
function sharedIdentities(data: unknown): Problem[] {
  const seen = new Map<string, string>()
  const kinds = ['signers', 'github', 'users']
  return entriesAt(data, people).flatMap(([person]) =>
    kinds.flatMap((kind) =>
      itemsAt(data, [...people, person, kind]).flatMap(({ path, value }) => {
        if (typeof value !== 'string') return []
        // Logins differ by more than case.
        const key = `${kind} ${kind === 'github' ? value.toLowerCase() : value}`
        const other = seen.get(key)
        seen.set(key, other ?? person)
        return other === undefined ? [] : [{ path, message: `is what ${other} is known by, too` }]
      }),
    ),
  )
}

function ambiguousNames(data: unknown): Problem[] {
  const known = names(data, people)
  return names(data, groups)
    .filter((name) => known.includes(name))
    .map((name) => ({ path: [...groups, name], message: 'is the name of a person, too' }))
}

/** Where people are listed, a name that is not among them is a slip; else it is a name of the signers list. */
function unknownNames(data: unknown): Problem[] {
  const persons = names(data, people)
  if (persons.length === 0) return []
  const members = names(data, groups).flatMap((group) => itemsAt(data, [...groups, group]))
  return [
    ...members.flatMap((member) => unknown(member, persons, 'person')),
    ...environmentNames(data).flatMap((environment) =>
      named(data, environment).flatMap((name) =>
        unknown(name, [...persons, ...names(data, groups)], 'person and no group'),
      ),
    ),
  ]
}

function unknown(
  { path, value }: { path: Path; value: unknown },
  known: readonly string[],
  what: string,
): Problem[] {
  if (typeof value !== 'string' || known.includes(value)) return []
  return [{ path, message: `is no ${what} of approvals: ${JSON.stringify(value)}` }]
}

function tooFewPeople(data: unknown): Problem[] {
  return environmentNames(data).flatMap((environment) => {
    const path = ['environments', environment, 'approvers', 'count']
    const count = valueAt(data, path)
    const listed = named(data, environment).map(({ value }) => value)
    if (typeof count !== 'number' || listed.length === 0) return []
    const may = new Set(listed.flatMap((name) => peopleOf(data, name)))
    if (may.size >= count) return []
    const told = may.size === 1 ? 'one person' : `${may.size} people`
    return [{ path, message: `is ${count}, but approvers.people names ${told}` }]
  })
}

function peopleOf(data: unknown, name: unknown): unknown[] {
  if (typeof name !== 'string' || !names(data, groups).includes(name)) return [name]
  return itemsAt(data, [...groups, name]).map(({ value }) => value)
}

function named(data: unknown, environment: string) {
  return itemsAt(data, ['environments', environment, 'approvers', 'people'])
}

function names(data: unknown, path: Path): string[] {
  return entriesAt(data, path).map(([name]) => name)
}
