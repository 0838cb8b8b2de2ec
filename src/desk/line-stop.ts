import { Failure } from '../core/failure.ts'
import type { KnownStop, LineLift, LineState } from '../core/line-stop.ts'
import { lineChanged } from '../core/notification.ts'
import { principalLabel } from '../core/principal.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { LineStop, Tables } from '../ports/store.ts'
import { lineState } from '../tools/support/line.ts'
import { announce } from '../tools/support/notify.ts'
import { timestamp } from '../tools/support/time.ts'
import { approverOf } from './approve.ts'
import { audited } from './audited.ts'
import { keyLabel } from './decide.ts'
import { signAbout } from './sign-statement.ts'

/** Stops every promotion of the project. Anybody at the desk may: stopping does no harm. */
export async function stopTheLine(call: Call, why: string): Promise<LineStop> {
  const stop: LineStop = {
    id: call.runtime.id('stop'),
    reason: oneLine(why, 300),
    stopped_by: principalLabel(call.principal),
    stopped_at: call.runtime.now(),
    lift_statement: null,
    lift_signature: null,
    lifted_by: null,
    lifted_at: null,
  }
  const act = {
    operation: 'line_stop',
    environment: null,
    details: { reason: stop.reason },
    correlation_id: stop.id,
  }
  return await audited(call, act, async () => {
    const { stopped_by, reason } = stop
    return await call.store.write(async (tables) => {
      const made = await afterAllOthers(tables, stop)
      await tables.lineStops.insert(made)
      await announce(call, tables, lineChanged(stopped_by, { stopped: true, reason }))
      return made
    })
  })
}

/** A lift counts for what was stopped until then, so no clock may put a new stop among the old ones. */
async function afterAllOthers({ lineStops }: Tables, stop: LineStop): Promise<LineStop> {
  const [newest] = await lineStops.list(1)
  if (newest === undefined || newest.stopped_at < stop.stopped_at) return stop
  return { ...stop, stopped_at: newest.stopped_at + 1 }
}

/** The stops that a person is about to lift, all of them. */
export interface LiftReview {
  stops: KnownStop[]
  /** Why what is stored as lifted does not count; null when nothing is. */
  problem: string | null
}

/** Where the line stands, for somebody who wants to lift what stops it. */
export async function reviewLift(call: Call): Promise<LiftReview> {
  const line = await lineState(call)
  if (line.state === 'stopped') return { stops: line.stops, problem: line.problem }
  throw new Failure({
    code: 'invalid_input',
    message: 'the line is not stopped: there is nothing to lift',
    hint: 'look with gonogo stop-the-line --status',
  })
}

export interface Lifted {
  stops: string[]
  approver: string
  at: string
}

/** Signs that the stops that were shown are lifted. One that was made meanwhile holds on. */
export async function liftStops(
  call: Call,
  { stops }: LiftReview,
  { keyFile, reason }: { keyFile: string; reason: string | null },
): Promise<Lifted> {
  const approver = await approverOf(call, await call.signer.inspect(keyFile))
  const lift = newLift(call, stops, reason)
  const act = {
    operation: 'line_lift',
    environment: null,
    details: {
      stops: lift.stops,
      reason: lift.reason,
      approver: approver.name,
      key: keyLabel(call, approver),
    },
    correlation_id: lift.id,
  }
  return await audited(call, act, async () => {
    const { statement, signature } = await signAbout(call, lift, keyFile)
    const row = {
      lift_statement: statement,
      lift_signature: signature,
      lifted_by: approver.name,
      lifted_at: Date.parse(lift.signed_at),
    }
    const change = { stopped: false, reason: lift.reason ?? '' }
    await call.store.write(async (tables) => {
      for (const id of lift.stops) await tables.lineStops.lift(id, row)
      await announce(call, tables, lineChanged(approver.name, change))
    })
    return { stops: lift.stops, approver: approver.name, at: lift.signed_at }
  })
}

function newLift(call: Call, stops: readonly KnownStop[], reason: string | null): LineLift {
  return {
    format: 'gonogo-line-lift-v1',
    id: call.runtime.id('lift'),
    project: call.project.name,
    stops: stops.map(({ id }) => id),
    through: Math.max(...stops.map(({ stopped_at }) => stopped_at)),
    reason: reason === null ? null : oneLine(reason, 300),
    nonce: call.runtime.id('nonce'),
    signed_at: timestamp(call.runtime.now()),
  }
}

/** What a program reads about the line: every field there is. */
export function lineView(line: LineState) {
  const nothing = { stops: [], problem: null, lifted_by: null, at: null }
  const { state, ...rest } = line
  const stops = 'stops' in rest ? rest.stops.map(stopView) : []
  const { newest: _newest, ...shown } = { newest: null, ...rest }
  return { stopped: state === 'stopped', state, ...nothing, ...shown, stops }
}

function stopView({ id, reason, stopped_by, stopped_at }: KnownStop) {
  return { id, reason, stopped_by, stopped_at: timestamp(stopped_at) }
}
