import type { PlatformEnvironment } from './preflighter.ts'

/**
 * What the platform that carries deployments out says of itself and of whoever gonogo is there. Found by
 * looking only: what would take a change to find out is unknown.
 */
export interface PlatformFacts {
  /** What is deployed from, such as `acme/clinic on https://github.com`. */
  name: string
  identity: PlatformIdentity
  abilities: Ability[]
  /** Requests left; null where nobody counts them. */
  limit: { left: number; of: number; resets_at: number } | null
  /** How far the platform's clock is ahead of this one, in milliseconds; null when it does not say. */
  clock_ahead_ms: number | null
  workflows: WorkflowFact[]
  /** Null when this identity may not see them. */
  environments: PlatformEnvironment[] | null
}

export interface PlatformIdentity {
  /** Null when the platform does not say. */
  login: string | null
  /** Where the credentials come from, in words. */
  source: string
  /** When they end, milliseconds since the epoch; null when that is not told. */
  expires_at: number | null
}

/** Something that tools rest on. */
export interface Ability {
  /** Reads on after "can" and "cannot". */
  what: string
  /** Tools that need it. */
  tools: string[]
  /** What has to be granted for it. */
  permission: string
  /** Null: unknown. */
  can: boolean | null
  /** Why not, or why it is unknown; null when it can. */
  problem: string | null
  /** Without it less is known, but deployments go on. */
  optional: boolean
}

export interface WorkflowFact {
  file: string
  state: 'ready' | 'missing' | 'disabled' | 'unknown'
  problem: string | null
}
