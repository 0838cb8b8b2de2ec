import type { Requirement } from './check.ts'

/** A check of the project's own: a program, or a question to an HTTP endpoint. Its answer is JSON. */
export interface CustomCheck {
  name: string
  /** Argument vector; null when `url` is asked. */
  run: string[] | null
  url: string | null
  timeout_seconds: number
  /** Names of environments; empty: all. */
  environments: string[]
  requirement: Requirement
}
