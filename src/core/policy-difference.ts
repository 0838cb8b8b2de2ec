import { canonicalJson, type Json } from './canonical.ts'

/** One value that differs between two policies, as text. Null: it is not there. */
export interface PolicyChange {
  /** Such as `environments.production.approval`. */
  path: string
  from: string | null
  to: string | null
}

type Value = Json | undefined
type Path = readonly string[]
type Members = ReadonlyMap<string, Value>

/** Below these keys may be secrets, although none should be: such values are never shown. */
const hiddenKeys: ReadonlySet<string> = new Set(['env', 'headers', 'body', 'forbidden'])

/** What changed between two policies, given as JSON; what may take a guard away comes first. */
export function policyChanges(before: string, now: string): PolicyChange[] {
  const changes = differences([], JSON.parse(before) as Json, JSON.parse(now) as Json, false)
  return changes.toSorted((left, right) => rank(left) - rank(right))
}

/** What is new is told by its list first, so its parts come after what was there and changed. */
function rank({ path, from }: PolicyChange): number {
  const isNew = from === null ? 1 : 0
  if (/^approvals\.|^environments$|\.(?:approval|least_level)$/.test(path)) return isNew
  return /\.checks\.|\.verify$|^(?:security|tests|evidence_hours)\b/.test(path) ? 2 + isNew : 4
}

function differences(path: Path, before: Value, now: Value, isHidden: boolean): PolicyChange[] {
  if (textOf(before) === textOf(now)) return []
  const found = [...order(path, before, now, isHidden), ...inside(path, before, now, isHidden)]
  // Something empty in the place of nothing is a change, too.
  if (found.length > 0) return found
  return [change(path, isHidden ? hiddenPair(before, now) : [shown(before), shown(now)])]
}

function inside(path: Path, before: Value, now: Value, isHidden: boolean): PolicyChange[] {
  const [left, right] = [membersOf(before, isHidden), membersOf(now, isHidden)]
  if (!left || !right) return []
  const isWhole = before === undefined || now === undefined
  const keys = [...new Set([...right.keys(), ...left.keys()])]
  // In a list they are names that somebody chose: a step called `env` is no place to hide a program.
  const areNames = Array.isArray(before) || Array.isArray(now)
  const hides = (key: string) => isHidden || (!areNames && hiddenKeys.has(key))
  return keys
    .filter((key) => !isWhole || !isEmpty(left.get(key)) || !isEmpty(right.get(key)))
    .flatMap((key) => differences([...path, key], left.get(key), right.get(key), hides(key)))
}

/** What is new or gone as a whole does not list what it never had. */
function isEmpty(value: Value): boolean {
  return ['', 'null', '{}', '[]'].includes(textOf(value))
}

/** Who comes after whom decides which environment is production, and what a step finds done. */
function order(path: Path, before: Value, now: Value, isHidden: boolean): PolicyChange[] {
  if (!Array.isArray(before) || !Array.isArray(now)) return []
  if (!membersOf(before, isHidden) || !membersOf(now, isHidden)) return []
  const [from, to] = [before, now].map((list) => `[${(list as Named[]).map(nameOf).join(', ')}]`)
  return from === to ? [] : [change(path, [from!, to!])]
}

function change(path: Path, [from, to]: [string | null, string | null]): PolicyChange {
  return { path: path.map(plain).join('.'), from, to }
}

function hiddenPair(before: Value, now: Value): [string | null, string | null] {
  const from = before === undefined ? null : '(hidden)'
  if (now === undefined) return [from, null]
  return [from, from === null ? '(hidden)' : '(hidden, changed)']
}

type Named = { name: string }

/**
 * What an object holds, or a list whose entries have names, by key; nothing there holds nothing.
 * Null for what is told as a whole.
 */
function membersOf(value: Value, isHidden: boolean): Members | null {
  if (value === undefined || value === null) return new Map()
  if (typeof value !== 'object') return null
  if (!Array.isArray(value)) return new Map(Object.entries(value))
  const names = value.map((entry) => (entry as Partial<Named> | null)?.name)
  const named = names.every((name) => typeof name === 'string')
  if (isHidden || !named || new Set(names).size < names.length) return null
  return new Map((value as Named[]).map(({ name, ...rest }) => [name, rest]))
}

function nameOf({ name }: Named): string {
  return plain(name)
}

function textOf(value: Value): string {
  return value === undefined ? '' : canonicalJson(value)
}

function shown(value: Value): string | null {
  if (value === undefined) return null
  return typeof value === 'string' ? plain(value) : visible(canonicalJson(value))
}

/** A word as it is, and in quotes whatever could be taken for something else. */
function plain(text: string): string {
  const word = /^[A-Za-z/._][\w./:@%+-]*$/.test(text) && !/^(?:true|false|null)$/.test(text)
  return word ? text : visible(JSON.stringify(text))
}

/** A character that nobody sees would make a change look like none. */
function visible(json: string): string {
  return json.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}
