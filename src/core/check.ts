import type { PinnedImage } from './image.ts'
import type { PlannedMigrations } from './migration.ts'

/** The checks `validate_deployment` knows, in the order they run and are shown. */
export const checkNames = [
  'git_ref_valid',
  'tests_passed',
  'security_scan',
  'migrations_safe',
  'environment_config',
  'docker_images',
  'preflight',
  'changes_reviewed',
  'environment_protection',
  'freeze_window',
  'environment_lock',
  'clock_skew',
] as const
export type CheckName = (typeof checkNames)[number]

/** What policy demands of a check: `off` is always said, never silent. */
export type Requirement = 'required' | 'advisory' | 'off'

export type CheckStatus = 'passed' | 'failed' | 'skipped' | 'warning'

/** One result. `ran: false` with `passed` cannot be built: a check that did not run proves nothing. */
export interface Check {
  check_name: string
  status: CheckStatus
  ran: boolean
  message: string
  details: Record<string, unknown>
  duration_ms: number
  /** When what it rests on was found out, where that was earlier: its evidence is as old as that. */
  as_of?: number
  /** What it found that is approved with the plan; absent: nothing. */
  planned?: PlannedFacts
}

/** What checks find and plans hold. */
export interface PlannedFacts {
  images?: PinnedImage[]
  migrations?: PlannedMigrations
}

type Evidence = Record<string, unknown>

export function passed(name: string, message: string, details: Evidence = {}): Check {
  return { check_name: name, status: 'passed', ran: true, message, details, duration_ms: 0 }
}

/** It ran, and a person should look: never enough for a required gate. */
export function warned(name: string, message: string, details: Evidence = {}): Check {
  return { check_name: name, status: 'warning', ran: true, message, details, duration_ms: 0 }
}

export function failed(name: string, message: string, details: Evidence = {}): Check {
  return { check_name: name, status: 'failed', ran: true, message, details, duration_ms: 0 }
}

/** The check could not be carried out: a failure where it is required, a warning elsewhere. */
export function couldNotRun(name: string, requirement: Requirement, message: string): Check {
  const status = requirement === 'required' ? 'failed' : 'warning'
  return { check_name: name, status, ran: false, message, details: {}, duration_ms: 0 }
}

export function skipped(name: string, message: string, details: Evidence = {}): Check {
  return { check_name: name, status: 'skipped', ran: false, message, details, duration_ms: 0 }
}
