import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, itemsAt, valueAt } from './raw.ts'
import { inputPlaceholders } from './schema-github.ts'

/** What must hold between the keys about GitHub. */
export function githubRules(data: unknown): Problem[] {
  return [
    ...sectionsForNothing(data),
    ...twoCredentials(data),
    ...sharedEnvironments(data),
    ...unknownPlaceholders(data),
    ...suitesBesideCommands(data),
  ]
}

/** Settings that nothing reads would look like they held. */
function sectionsForNothing(data: unknown): Problem[] {
  const pipeline = valueAt(data, ['pipeline'])
  // Any other value is a problem of its own.
  if (pipeline !== undefined && pipeline !== 'local') return []
  const set = sections(data).filter((path) => valueAt(data, path) !== undefined)
  return [...set, ...trustForNothing(data)].map((path) => ({
    path,
    message: 'is for pipeline: github, which is not set',
  }))
}

/** Whoever set these would believe that something holds. */
function trustForNothing(data: unknown): Path[] {
  const kept: Path[] = [
    ['approvals', 'signers_in_repository'],
    ['audit', 'anchors', 'git_ref'],
  ]
  const asked: Path = ['approvals', 'github']
  return [
    ...kept.filter((path) => valueAt(data, path) !== undefined),
    ...(valueAt(data, asked) === 'issues' ? [asked] : []),
  ]
}

function sections(data: unknown): Path[] {
  return [['github'], ...environmentNames(data).map((name) => ['environments', name, 'github'])]
}

function twoCredentials(data: unknown): Problem[] {
  const path = ['github', 'token_command']
  const both = [path, ['github', 'app']].every((key) => valueAt(data, key) !== undefined)
  return both ? [{ path, message: 'must not be there together with github.app' }] : []
}

/** Two environments that are one on GitHub would deploy over each other, and share its protection. */
function sharedEnvironments(data: unknown): Problem[] {
  if (valueAt(data, ['pipeline']) !== 'github') return []
  const seen = new Map<string, string>()
  return environmentNames(data).flatMap((name) => {
    const path = ['environments', name, 'github', 'environment']
    const target = valueAt(data, path) ?? name
    if (typeof target !== 'string') return []
    // GitHub's names differ by more than case.
    const other = seen.get(target.toLowerCase())
    if (other === undefined) {
      seen.set(target.toLowerCase(), name)
      return []
    }
    const message = `must not be the GitHub environment of ${other}: ${JSON.stringify(target)}`
    return [{ path, message }]
  })
}

/** The commands decide where there are any, and nobody would look at the suites. */
function suitesBesideCommands(data: unknown): Problem[] {
  const path = ['github', 'tests', 'suites']
  const both = [['tests'], path].every((key) => itemsAt(data, key).length > 0)
  return both
    ? [{ path, message: 'must not be there together with tests: take one of them out' }]
    : []
}

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

function unknownPlaceholders(data: unknown): Problem[] {
  const known: readonly string[] = inputPlaceholders
  return sections(data).flatMap((section) =>
    entriesAt(data, [...section, 'inputs']).flatMap(([input, text]) => {
      const names = [...String(text).matchAll(placeholder)].map((match) => match[1] ?? '')
      return names
        .filter((name) => !known.includes(name))
        .map((name) => ({
          path: [...section, 'inputs', input],
          message: `inserts {{${name}}}, and there are only ${known.join(', ')}`,
        }))
    }),
  )
}
