import { Failure } from './failure.ts'
import { oneLine, sanitize } from './text.ts'

// git-check-ref-format(1), and no revision expressions: what is deployed is named, not computed.
const rules: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'must not be empty'],
  [/^.{256}/su, 'must not be longer than 255 characters'],
  [/\s/u, 'must not contain white space'],
  [/^-/, 'must not start with "-"'],
  [/[~^:?*[\\]/, 'must not contain any of ~ ^ : ? * [ \\'],
  [/\.\./, 'must not contain ".."'],
  [/@\{|^@$/, 'must not contain "@{" nor be "@"'],
  [/^\/|\/\/|\/$/, 'must not start or end with "/" nor contain "//"'],
  [/(?:^|\/)\./, 'must not have a part that starts with "."'],
  [/\.(?:lock)?(?:\/|$)/, 'must not have a part that ends with "." or ".lock"'],
]

/** Refuses text that cannot be the name of a branch, tag or commit. */
export function requireRefText(ref: string): void {
  const problem =
    sanitize(ref) === ref
      ? rules.find(([pattern]) => pattern.test(ref))?.[1]
      : 'must not contain control or invisible characters'
  if (problem === undefined) return
  throw new Failure({
    code: 'invalid_input',
    message: `git_ref ${JSON.stringify(oneLine(ref, 80))} ${problem}`,
    hint: 'name a branch, a tag, or a commit by at least 7 hex digits, such as: v1.4.0',
    details: { field: 'git_ref' },
  })
}
