import { failed, passed } from '../../core/check.ts'
import { Failure } from '../../core/failure.ts'
import type { GateInput } from '../../core/gate.ts'
import { readLineLift, type LineLift, type LineState } from '../../core/line-stop.ts'
import type { Plan } from '../../core/plan.ts'
import { predecessorOf, productionOf, type Environment, type Project } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call, Context } from '../../ports/context.ts'
import type { LineStop, Tables } from '../../ports/store.ts'
import { verifiedStatement } from './signed-statement.ts'

const name = 'line_running'

/** More stops than this, and the oldest are not looked at: they were lifted, or newer ones hold anyway. */
const stopsRead = 200
/** How many signatures are looked at before it is given up that one of them lifts the newest stop. */
const liftsRead = 5

/** Where the line stands, judged anew: a row that merely says "lifted" lifts nothing. */
export async function lineState(context: Context): Promise<LineState> {
  const stops = await context.store.read((tables) => tables.lineStops.list(stopsRead))
  const [first] = stops
  if (first === undefined) return { state: 'never' }
  const newest = first.id
  const { lift, problem } = await newestLift(context, stops)
  const standing = stops.filter(({ stopped_at }) => lift === null || stopped_at > lift.through)
  if (standing.length === 0 && lift !== null)
    return { state: 'running', lifted_by: lift.approver, at: lift.signed_at, newest }
  const told = standing.some((stop) => stop.lift_signature !== null) ? problem : null
  return { state: 'stopped', stops: standing.map(knownOf), problem: told, newest }
}

/** Each lift covers everything up to the newest stop its signer saw, so the newest valid one decides. */
async function newestLift(
  context: Context,
  stops: readonly LineStop[],
): Promise<{ lift: (LineLift & { approver: string }) | null; problem: string | null }> {
  const lifts = new Map(stops.map((stop) => [stop.lift_signature, stop.lift_statement]))
  let problem: string | null = null
  for (const [signature, statement] of [...lifts].slice(0, liftsRead)) {
    if (signature === null || statement === null) continue
    const verdict = await examine(context, statement, signature)
    if ('lift' in verdict) return { lift: verdict.lift, problem }
    problem ??= verdict.problem
  }
  return { lift: null, problem }
}

async function examine(context: Context, statement: string, signature: string) {
  const read = readLineLift(statement, context.project.name)
  if ('problem' in read) return read
  const verdict = await verifiedStatement(context, statement, signature)
  if ('problem' in verdict) return verdict
  return { lift: { ...read.lift, approver: verdict.approver } }
}

function knownOf({ id, reason, stopped_by, stopped_at }: LineStop) {
  return { id, reason, stopped_by, stopped_at }
}

/** Whether a stopped line is about an environment. */
function isForward(project: Project, environment: string): boolean {
  return (
    predecessorOf(project, environment) !== undefined || productionOf(project)?.name === environment
  )
}

/** A stopped line holds whatever enters an environment that others come before, and production. */
export async function lineGates(environment: Environment, call: Call): Promise<GateInput[]> {
  if (!isForward(call.project, environment.name)) return []
  const line = await lineState(call)
  if (line.state === 'never') return []
  const details = { newest: line.newest }
  if (line.state === 'running') {
    const check = passed(name, `the line runs: ${line.lifted_by} lifted the last stop`, details)
    return [{ requirement: 'required', check }]
  }
  return [{ requirement: 'required', check: failed(name, stoppedText(line), details) }]
}

/** Who stopped it and why; it holds still as long as nobody stops or lifts anything. */
export function stoppedText({
  stops,
  problem,
}: Pick<Extract<LineState, { state: 'stopped' }>, 'stops' | 'problem'>): string {
  const [newest] = stops
  const who = newest ? `${oneLine(newest.stopped_by, 60)}: ${oneLine(newest.reason, 120)}` : ''
  const more = stops.length > 1 ? `, and ${stops.length - 1} more` : ''
  const invalid = problem === null ? '' : `; what is stored as lifted does not count (${problem})`
  return `the line is stopped (${who}${more})${invalid}; an approver lifts it with: gonogo stop-the-line --lift`
}

/** Somebody may have stopped the line after a plan was made: looked at where it is admitted. */
export async function refuseWhenStopped(
  { project }: Pick<Context, 'project'>,
  tables: Tables,
  { plan, gates }: { plan: Pick<Plan, 'action' | 'environment'>; gates: readonly GateInput[] },
): Promise<void> {
  if (plan.action === 'rollback' || !isForward(project, plan.environment)) return
  const [newest] = await tables.lineStops.list(1)
  const seen = gates.find(({ check }) => check.check_name === name)?.check.details.newest
  if (newest === undefined || newest.id === seen) return
  throw new Failure({
    code: 'blocked',
    message: `the line was stopped meanwhile by ${oneLine(newest.stopped_by, 60)}: ${oneLine(newest.reason, 120)}`,
    hint: 'look with gonogo stop-the-line --status; an approver lifts it with gonogo stop-the-line --lift',
  })
}
