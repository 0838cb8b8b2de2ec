import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, valueAt } from './raw.ts'

/** Keys of a rule that only another key gives a meaning. */
export function variableRules(data: unknown): Problem[] {
  const onGitHub = valueAt(data, ['pipeline']) === 'github'
  return environmentNames(data).flatMap((environment) => {
    const path = ['environments', environment, 'variables']
    return entriesAt(data, path).flatMap(([name, rule]) =>
      ruleProblems([...path, name], rule, onGitHub),
    )
  })
}

function ruleProblems(path: Path, rule: unknown, onGitHub: boolean): Problem[] {
  const format = valueAt(rule, ['format']) ?? 'text'
  const wanted: [key: string, holds: boolean, message: string][] = [
    ['must_be', format === 'text' || format === 'boolean', 'is for format: boolean'],
    ['wildcard', format === 'origins', 'is for format: origins'],
    [
      'in',
      onGitHub || !isOnGitHub(valueAt(rule, ['in'])),
      'is for pipeline: github, which is not set',
    ],
  ]
  return wanted.flatMap(([key, holds, message]) =>
    holds || valueAt(rule, [key]) === undefined ? [] : [{ path: [...path, key], message }],
  )
}

function isOnGitHub(value: unknown): boolean {
  return value === 'secret' || value === 'variable'
}
