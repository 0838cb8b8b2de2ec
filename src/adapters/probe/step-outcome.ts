import type { SmokeCertificate, SmokeExchange, SmokeLatency } from '../../ports/probe.ts'
import type { Hosts } from './hosts.ts'
import type { Limits } from './limits.ts'
import type { Mask } from './mask.ts'
import type { Scalar } from './template.ts'
import type { Programs } from './programs.ts'

/** What one attempt at a step found. Texts may hold anything: the runner masks, cleans and cuts them. */
export interface StepOutcome {
  /** False: nothing was asked, or the answer tells nothing. Such a step never passed. */
  ran: boolean
  /** What is wrong; empty: it passed. */
  problems: string[]
  /** What was found when nothing is wrong: `status 200`. */
  found: string
  status?: number | null
  latency?: SmokeLatency
  tls?: SmokeCertificate
  exchange?: SmokeExchange
  /** It was asked, and whoever was asked could not tell: the problem says so itself. */
  unknown?: boolean
  /** Trying again would change nothing. */
  hopeless?: boolean
}

/** What an attempt at a step gets from its run. */
export interface StepRun {
  /** Time left of this attempt, and the signal that ends it earlier. Ask again before each wait. */
  limits: () => Limits
  /** Which hosts may be reached, and how their names are looked up. */
  hosts: Hosts
  /** Values of placeholders. Every placeholder of the step has one: the runner looked. */
  values: ReadonlyMap<string, Scalar>
  /** Keeps a value for later steps, when the step has passed. */
  capture: (name: string, value: Scalar) => void
  /** Secrets that come up on the way, such as a token in an answer, are added here. */
  mask: Mask
  /** For steps that start a program; null where nothing may be started. */
  programs: Programs | null
  /** The environment's variables, by name. */
  variables: Readonly<Record<string, string>>
  /** Whether a failing step should carry its exchange. */
  exchange: boolean
}

/** An attempt that was not made, and why: the configuration or this machine has to change first. */
export function unasked(problem: string): StepOutcome {
  return { ran: false, problems: [problem], found: '', hopeless: true }
}
