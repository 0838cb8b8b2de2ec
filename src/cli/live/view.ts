import type { DeploymentFault } from '../../core/deployment.ts'
import type { Palette } from '../style.ts'

/** An environment in the order of promotion: what it runs, and what is going on there. */
export interface LaneStop {
  name: string
  /** Null while nothing is known to run there. */
  version: string | null
  /** `proven`: the live system answered as it should. `ill`: the last attempt ended badly. */
  mark: 'proven' | 'unproven' | 'changing' | 'ill' | 'empty'
  /** The version on its way there. */
  next: string | null
}

export interface StepView {
  label: string
  name: string
  state: 'done' | 'now' | 'to_come' | 'failed' | 'left_out'
  /** What there is to say about it beside its name. */
  text: string
}

/** One deployment as the live view shows it: plain data, read in one go. */
export interface DeploymentView {
  id: string
  kind: string
  environment: string
  status: string
  phase: string
  version: string
  initiatedBy: string
  startedAt: number
  endedAt: number | null
  /** From history; null without any. */
  usualMs: number | null
  lane: readonly LaneStop[]
  steps: readonly StepView[]
  watchedBy: string | null
  trouble: string | null
  fault: DeploymentFault | null
  /** Untrusted text, sanitised. */
  log: readonly string[]
}

/** Everything that goes on in a project. */
export interface OverviewView {
  project: string
  lane: readonly LaneStop[]
  underWay: readonly UnderWayView[]
  waiting: readonly WaitingView[]
}

export interface UnderWayView {
  id: string
  what: string
  doing: string
  startedAt: number
  usualMs: number | null
  trouble: string | null
}

export interface WaitingView {
  id: string
  what: string
  requester: string
  expiresAt: number
}

/** What a frame is drawn for. */
export interface Canvas {
  columns: number
  rows: number
  now: number
  palette: Palette
}
