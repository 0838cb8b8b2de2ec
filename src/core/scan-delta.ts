import type { Finding } from './finding.ts'

/** A finding as far as it is kept: enough to know it again, and to name it. */
export type KnownFinding = Pick<
  Finding,
  'fingerprint' | 'severity' | 'id' | 'title' | 'package' | 'fixed_version' | 'path' | 'line'
>

/** What a release brings and takes away, compared with another one. */
export interface ScanDelta {
  /** Findings that the other one does not have. */
  fresh: KnownFinding[]
  /** How many of the other one's it no longer has. */
  fixed: number
  unchanged: number
}

/** Findings are the same by their fingerprints, wherever in a file they stand. */
export function compareFindings(
  found: readonly KnownFinding[],
  before: readonly KnownFinding[],
): ScanDelta {
  const known = new Set(before.map(({ fingerprint }) => fingerprint))
  const now = new Set(found.map(({ fingerprint }) => fingerprint))
  const fresh = found.filter(({ fingerprint }) => !known.has(fingerprint))
  const fixed = [...known].filter((fingerprint) => !now.has(fingerprint)).length
  return { fresh, fixed, unchanged: found.length - fresh.length }
}

/** `GHSA-… in lodash (package-lock.json)`. Text in it is untrusted. */
export function findingText({
  id,
  package: name,
  path,
  line,
  fixed_version,
}: KnownFinding): string {
  const what = name === null ? id : `${id} in ${name}`
  const place = path === null ? '' : ` (${path}${line === null ? '' : `:${line}`})`
  const fix = fixed_version === null ? '' : `, fixed in ${fixed_version}`
  return `${what}${place}${fix}`
}
