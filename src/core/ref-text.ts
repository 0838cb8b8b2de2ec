import { Failure } from './failure.ts'
import { isFullSha, shortVersion, type ResolvedRef } from './release.ts'
import { nearest, oneLine, sanitize } from './text.ts'

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

/** A ref that was resolved before: whoever hands in anything else has a bug. */
export function requireSha(sha: string): string {
  if (isFullSha(sha)) return sha
  throw new Failure({
    code: 'invalid_input',
    message: `"${sha}" is not a full commit hash`,
    hint: 'resolve the ref first',
  })
}

/** Something that a ref may mean. */
export interface RefCandidate {
  kind: ResolvedRef['kind']
  /** Full ref name or full commit hash: says exactly this one. */
  name: string
  sha: string
}

const mostCandidates = 10

export function ambiguousRef(ref: string, found: readonly RefCandidate[]): Failure {
  const candidates = found
    .slice(0, mostCandidates)
    .map(({ kind, name, sha }) => ({ kind, name, sha }))
  const listed = candidates.map(({ kind, name, sha }) =>
    kind === 'commit' ? sha : `${name} (${kind}, ${shortVersion(sha)})`,
  )
  return new Failure({
    code: 'unknown_version',
    message: `git_ref "${ref}" is ambiguous: ${listed.join(', ')}`,
    hint: `say which one, such as: ${candidates[0]?.name}`,
    details: { ref, candidates },
  })
}

/** `names` are the short ones that there are; `where` and `update` say where, and how more get there. */
export function unknownRef(
  ref: string,
  names: readonly string[],
  { where, update }: { where: string; update: string },
): Failure {
  const near = nearest(
    ref,
    names.map((name) => oneLine(name)),
  )
  return new Failure({
    code: 'unknown_version',
    message: `git_ref "${ref}" names no branch, tag or commit (7 or more hex digits) ${where}`,
    hint: `${near === undefined ? '' : `did you mean "${near}"? `}${update}`,
    details: { ref, ...(near === undefined ? {} : { nearest: near }) },
  })
}
