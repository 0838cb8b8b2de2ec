import { Failure } from '../../core/failure.ts'
import type { LineState } from '../../core/line-stop.ts'
import { oneLine } from '../../core/text.ts'
import { liftStops, lineView, reviewLift, stopTheLine } from '../../desk/line-stop.ts'
import { lineState } from '../../tools/support/line.ts'
import { timestamp } from '../../tools/support/time.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName, keyFileOf, type SignOptions } from '../sign.ts'
import { paletteFor } from '../style.ts'

export interface LineOptions extends SignOptions {
  reason?: string
  lift?: boolean
  status?: boolean
}

export async function runStopTheLine(session: Session, options: LineOptions): Promise<ExitCode> {
  const { reason, lift, status } = options
  refuseTwo(options)
  if (status) return await showStatus(session)
  if (lift) return await runLift(session, options)
  if (reason === undefined) throw nothingAsked()
  const stop = await stopTheLine(session.call, reason)
  const { id, stopped_by } = stop
  const stopped_at = timestamp(stop.stopped_at)
  printJson(session, { stopped: true, id, reason: stop.reason, stopped_by, stopped_at })
  const { caution } = paletteFor(session.surface.out)
  session.print(caution(`stopped: nothing is promoted until an approver lifts it`))
  session.note('rollbacks still go; what is under way goes on')
  session.note('lift it with: gonogo stop-the-line --lift')
  return exits.done
}

async function runLift(session: Session, options: LineOptions): Promise<ExitCode> {
  const review = await reviewLift(session.call)
  const { caution } = session.page('err').palette
  for (const { stopped_by, reason, stopped_at } of review.stops) {
    const when = session.page('err').when(timestamp(stopped_at))
    session.tell(
      caution(`! stopped by ${oneLine(stopped_by, 60)}, ${when}: ${oneLine(reason, 300)}`),
    )
  }
  const { name } = session.call.project
  const question = `Type the project's name to let promotions go on: `
  await confirmByName(session, options, { name, question, what: 'lifting the stop' })
  const lifted = await liftStops(session.call, review, {
    keyFile: keyFileOf(options),
    reason: options.reason ?? null,
  })
  printJson(session, { stopped: false, ...lifted })
  const { good } = paletteFor(session.surface.out)
  session.print(good(`lifted as ${lifted.approver}: promotions go on`))
  return exits.done
}

async function showStatus(session: Session): Promise<ExitCode> {
  const line = await lineState(session.call)
  printJson(session, lineView(line))
  show(session, line)
  return line.state === 'stopped' ? exits.blocked : exits.done
}

function show(session: Session, line: LineState): void {
  const page = session.page('out')
  const { good, bad, caution } = page.palette
  if (line.state === 'never') session.print(good('running: nobody ever stopped it'))
  if (line.state === 'running')
    session.print(good(`running: ${oneLine(line.lifted_by, 80)} lifted it ${page.when(line.at)}`))
  if (line.state !== 'stopped') return
  for (const { stopped_by, reason, stopped_at } of line.stops) {
    const when = page.when(timestamp(stopped_at))
    session.print(bad(`stopped by ${oneLine(stopped_by, 60)}, ${when}: ${oneLine(reason, 300)}`))
  }
  if (line.problem !== null)
    session.print(caution(`  ! what is stored as lifted does not count: ${oneLine(line.problem)}`))
}

/** Whoever says why and asks where it stands would believe that they stopped it. */
function refuseTwo({ reason, lift, status }: LineOptions): void {
  if (!status || (!lift && reason === undefined)) return
  throw new Failure({
    code: 'invalid_input',
    message: `--status only looks, and does not go with ${lift ? '--lift' : '--reason'}`,
    hint: `leave --status out, or run gonogo stop-the-line --status alone`,
  })
}

function nothingAsked(): Failure {
  return new Failure({
    code: 'invalid_input',
    message: 'stop-the-line wants --reason TEXT, --lift or --status',
    hint: 'run gonogo stop-the-line --status to see where it stands',
  })
}
