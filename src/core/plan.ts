import { canonicalJson } from './canonical.ts'
import type { CheckStatus, Requirement } from './check.ts'
import type { PinnedImage } from './image.ts'
import type { PlannedMigrations } from './migration.ts'
import type { Release } from './release.ts'

export type PlanAction = 'deploy' | 'promote' | 'rollback'

/** A step as the approver reads it. */
export type PlannedStep = {
  phase: 'prepare' | 'activate' | 'dispatch' | 'job'
  name: string
  /** The command, or for what runs elsewhere the words that say it. */
  run: string[]
}

/**
 * Everything one deployment will do, and nothing that changes by itself (no times, no ids), so that
 * deriving it again yields the same hash as long as nothing relevant changed.
 */
export interface Plan {
  format: 'gonogo-plan-v2'
  action: PlanAction
  project: string
  environment: string
  release: Release
  /** What the environment runs now, as far as it is known. */
  from: Release | null
  /** The environment the release has to be proven in first, and what runs there; null where none comes before. */
  before: { environment: string; release: Release | null } | null
  pipeline: { kind: string; target: string; isolation: 'none' | 'separate'; steps: PlannedStep[] }
  checks: { name: string; requirement: Requirement; status: CheckStatus }[]
  /** What each image of the release is, by content; empty where none is configured. */
  images: PinnedImage[]
  /** What would be applied to the database; null where nobody looked, or there is nothing. */
  migrations: PlannedMigrations | null
  /** Waivers the caller asked for: flags by name. */
  skips: string[]
  /** Suite that decides the outcome. */
  verify: 'basic' | 'full' | 'off'
  /** Said to the approver first, before anything reassuring. */
  warnings: string[]
  /** The deployment this one interrupts; null almost always. */
  preempts: string | null
  reason: string | null
  /** Hash of the effective policy and steps. */
  policy_hash: string
}

/** The bytes a plan's hash is taken over. */
export function planText(plan: Plan): string {
  return canonicalJson(plan)
}

/** What changed between the plan that was approved and the plan of now, by field name. */
export function planDifference(approved: Plan, now: Plan): (keyof Plan)[] {
  const keys = Object.keys(now) as (keyof Plan)[]
  return keys.filter((key) => canonicalJson(approved[key]) !== canonicalJson(now[key]))
}
