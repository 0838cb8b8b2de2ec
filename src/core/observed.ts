import type { Release } from './release.ts'

/** A deployment that somebody else started, as the platform's own records tell it. Never ours. */
export interface ObservedDeployment {
  /** The platform's id of it, unique within the project. */
  external_id: string
  /** Name of the configured environment. */
  environment: string
  /** Null when the records do not say which commit it put there. */
  release: Release | null
  /** What the platform calls the place in history, such as a branch; untrusted text. */
  git_ref: string
  status: 'in_progress' | 'waiting_approval' | 'success' | 'failure' | 'cancelled'
  /** Whether any of it reached the environment, however it ended. */
  began: boolean
  /** Whether the environment may run something else since. */
  changed: boolean
  /** Why it did not succeed, or why its release is unknown; one sanitised line. */
  cause: string | null
  /** Such as `github:octocat`. */
  initiated_by: string
  run_id: string | null
  /** The deployment id its run carries, when another gonogo started it. */
  correlation_id: string | null
  /** Whether its run verified a signed request before it deployed; null when that is not known. */
  consent_verified: boolean | null
  /** Milliseconds since the epoch. */
  created_at: number
  completed_at: number | null
}

/** Stands where the records do not say what was deployed, or what runs: names no commit, and is never gone back to. */
export const unknownRelease: Release = { sha: '', version: 'unknown' }
