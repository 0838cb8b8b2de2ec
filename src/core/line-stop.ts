/**
 * Exactly what an approver signs to let promotions go on, as canonical JSON. It is signed in the namespace
 * of trusted policies, which every approver's line has; its format is what no other statement there has.
 */
export type LineLift = {
  format: 'gonogo-line-lift-v1'
  id: string
  project: string
  /** The stops that were shown. */
  stops: string[]
  /** When the newest of them was made, in milliseconds: later stops hold on. */
  through: number
  /** What the approver says about it; null when nothing. */
  reason: string | null
  nonce: string
  /** RFC 3339, UTC. */
  signed_at: string
}

/** What is known of a stop, whoever says that it was lifted. */
export interface KnownStop {
  id: string
  reason: string
  stopped_by: string
  stopped_at: number
}

/** Where the line stands. Only `running` lets a promotion through. */
export type LineState =
  /** Nobody has ever stopped it. */
  | { state: 'never' }
  /** `stops`: the newest one, for the record. */
  | { state: 'running'; lifted_by: string; at: string; newest: string }
  /** `stops`: those that nobody lifted, newest first. `problem`: why what is stored as lifted does not count. */
  | { state: 'stopped'; stops: KnownStop[]; problem: string | null; newest: string }

/** The statement of a text that is one about this project; else what is wrong with it. */
export function readLineLift(
  text: string,
  project: string,
): { lift: LineLift } | { problem: string } {
  const lift = parsed(text)
  if (lift?.format !== 'gonogo-line-lift-v1' || !Number.isFinite(lift.through))
    return { problem: 'what is stored is no statement that lifts a stop' }
  if (lift.project !== project) return { problem: 'it was signed for another project' }
  return { lift }
}

function parsed(text: string): LineLift | null {
  try {
    return JSON.parse(text) as LineLift | null
  } catch {
    return null
  }
}
