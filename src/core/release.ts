/** Commit plus version, immutable. Its identity is the full commit hash. */
export interface Release {
  /** Full commit hash, 40 (SHA-1) or 64 (SHA-256) hex digits. */
  sha: string
  /** The tag when the release was named by one, else the first 12 hex digits. */
  version: string
}

/** What a source makes of a ref that a caller typed. */
export interface ResolvedRef extends Release {
  /** The ref as given. */
  git_ref: string
  kind: 'branch' | 'tag' | 'commit'
  /** RFC 3339, UTC. */
  committed_at: string
  /** First line of the commit message: untrusted text. */
  subject: string
}

const fullSha = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** True for a full, lower-case commit hash. */
export function isFullSha(text: string): boolean {
  return fullSha.test(text)
}

/** The version of a commit that no tag names. */
export function shortVersion(sha: string): string {
  return sha.slice(0, 12)
}

/** Whether what a live system reports (full or short commit, or version) names this release. */
export function namesRelease(reported: string, release: Release): boolean {
  const text = reported.trim()
  if (text === release.version || text === release.sha) return true
  return /^[0-9a-f]{7,}$/.test(text) && release.sha.startsWith(text)
}
