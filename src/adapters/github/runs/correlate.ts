import type { WorkflowRun } from '../payloads.ts'
import { sameName } from '../same-name.ts'
import type { SentRecord } from './run-record.ts'

/** What the runs that GitHub shows say about the one that was asked for. */
export type Correlation =
  | { found: 'none' }
  /** `title`: it carries the deployment's id. `elimination`: nothing else can be it. */
  | { found: 'one'; by: 'title' | 'elimination'; run: WorkflowRun }
  | { found: 'several'; runs: WorkflowRun[] }

const listedMs = 120_000
/** GitHub's clocks differ among themselves, and a request takes its time to become a run. */
const beforeMs = 30_000
const afterMs = 180_000

/** From when on its run can have been created, as the listing takes it. */
export function createdSince(askedAt: number): string {
  return `>=${new Date(askedAt - listedMs).toISOString().slice(0, 19)}Z`
}

/**
 * Which of these runs is the one that was asked for. Never "the latest": a run is taken by the id in its
 * title, or because it is the only one that is new, ours, on that commit and of that time.
 */
export function correlate(
  record: SentRecord,
  runs: readonly WorkflowRun[],
  taken: ReadonlySet<string>,
): Correlation {
  const ours = runs.filter((run) => startedByUs(record, run))
  const titled = ours.filter((run) => carries(run, record.correlation_id))
  if (titled.length > 0) return resultOf(titled, 'title')
  if (record.titled) return { found: 'none' }
  return resultOf(
    ours.filter((run) => isNew(record, run, taken) && fits(record, run)),
    'elimination',
  )
}

function resultOf(runs: WorkflowRun[], by: 'title' | 'elimination'): Correlation {
  const [run, ...others] = runs
  if (run === undefined) return { found: 'none' }
  return others.length > 0 ? { found: 'several', runs } : { found: 'one', by, run }
}

/** Whether a run is ours and carries this deployment's id in its title. */
export function isTitledFor(run: WorkflowRun, id: string, login: string | null): boolean {
  return startedByUs({ login }, run) && carries(run, id)
}

/** Installation tokens do not say whose they are; what they start was started by some bot. */
function startedByUs({ login }: Pick<SentRecord, 'login'>, { actor, event }: WorkflowRun): boolean {
  if (event !== 'workflow_dispatch' || !actor) return false
  return login === null ? actor.type === 'Bot' : sameName(actor.login, login)
}

const idToken = /(?<![A-Za-z0-9_-])dep_[A-Za-z0-9_-]+/g

function carries({ display_title }: WorkflowRun, id: string): boolean {
  return display_title.split(/[^A-Za-z0-9_-]+/).includes(id)
}

function isNew(record: SentRecord, { id }: WorkflowRun, taken: ReadonlySet<string>): boolean {
  return !record.runs_before.includes(id) && !taken.has(id)
}

/** A title with the id of another deployment belongs to that one. */
function fits(record: SentRecord, { head_sha, created_at, display_title }: WorkflowRun): boolean {
  const created = Date.parse(created_at)
  return (
    head_sha === record.ref_sha &&
    created >= record.asked_at - beforeMs &&
    created <= record.asked_at + afterMs &&
    display_title.match(idToken) === null
  )
}
