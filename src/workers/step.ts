import type { Check } from '../core/check.ts'
import type { Deployment, DeploymentEvent } from '../core/deployment.ts'
import type { Call } from '../ports/context.ts'
import type { Pipeline } from '../ports/pipeline.ts'
import type { Tables } from '../ports/store.ts'

/** What looking at a deployment once came to: something happened, or look again later. */
export type StepOutcome =
  | {
      event: DeploymentEvent
      checks?: StepCheck[]
      /** Changes that belong to the event: made in its transaction, or not at all. */
      also?: (tables: Tables) => Promise<void>
    }
  | { lookAgainInMs: number }

/** A check to store together with the event, so that neither exists without the other. */
export interface StepCheck {
  check: Check
  environment: string | null
  subject: string
}

/** One phase's work. It may be repeated after a crash, so it asks before it acts. */
export interface StepRequest {
  call: Call
  deployment: Deployment
  pipeline: Pipeline
  /** Aborted when the lease is lost: somebody else drives now. */
  signal: AbortSignal
}

export type Step = (request: StepRequest) => Promise<StepOutcome>
