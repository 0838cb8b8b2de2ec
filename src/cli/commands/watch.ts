import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { lookEveryMs } from '../../core/pace.ts'
import { exits, type ExitCode } from '../exit.ts'
import { followForMs } from '../follow.ts'
import { showLive } from '../live/live.ts'
import { overviewFrame } from '../live/overview-frame.ts'
import { readOverview } from '../live/read-overview.ts'
import type { LaneStop, OverviewView } from '../live/view.ts'
import { printJson, type Session } from '../session.ts'
import { canRedraw } from '../terminal.ts'
import { showFollowed } from './tool.ts'

/** Looks on: at one deployment until it ends, or at everything until Ctrl-C. */
export async function runWatch(
  session: Session,
  id: string | undefined,
  { timeout }: { timeout?: number },
): Promise<ExitCode> {
  if (id !== undefined) return await showFollowed(session, id, timeout ?? followForMs)
  const { surface, options } = session
  if (options.json) return await once(session)
  const until = timeout === undefined ? Infinity : session.call.runtime.now() + timeout
  try {
    // What somebody pipes is meant for a program or a log.
    if (surface.out.isTTY && canRedraw(surface, options)) await watchLive(session, until)
    else await watchInLines(session, until)
    return exits.done
  } catch (error) {
    throw session.call.signal.aborted ? left() : error
  }
}

/** One object is all that --json promises, so it is how things are now. */
async function once(session: Session): Promise<ExitCode> {
  const { project, lane, underWay, waiting } = await readOverview(session.call)
  printJson(session, {
    project,
    environments: lane.map(({ name, version, next }) => ({ name, version, next })),
    under_way: underWay.map(({ id, what, doing }) => ({ deployment_id: id, what, doing })),
    waiting: waiting.map(({ id, what, requester }) => ({ approval_id: id, what, requester })),
  })
  return exits.done
}

async function watchLive(session: Session, until: number): Promise<void> {
  const { call } = session
  await showLive(session, {
    look: () => readOverview(call),
    frame: overviewFrame,
    over: () => call.runtime.now() >= until,
  })
}

/** A line for everything that changed, for logs and pipes. */
async function watchInLines({ call, print, surface }: Session, until: number): Promise<void> {
  let shown = new Set<string>()
  const reader = { left: false }
  surface.out.once('error', () => (reader.left = true))
  for (;;) {
    const lines = changesOf(await readOverview(call))
    for (const line of lines) if (!shown.has(line)) print(line)
    shown = new Set(lines)
    if (reader.left || call.runtime.now() >= until) return
    await call.runtime.sleep(lookEveryMs(call.pipeline?.pace), call.signal)
  }
}

function changesOf({ lane, underWay, waiting }: OverviewView): string[] {
  return [
    ...lane.map(
      ({ name, version, mark }) => `${name} runs ${version ?? 'nothing yet'}${marks[mark]}`,
    ),
    ...underWay.map(({ id, what, doing }) => `${id}  ${what}: ${doing}`),
    ...waiting.map(({ id, what, requester }) => `${id}  ${what} waits, asked by ${requester}`),
  ].map((line) => oneLine(line, 300))
}

const marks: Record<LaneStop['mark'], string> = {
  proven: ', verified',
  unproven: ', not verified',
  changing: ', being changed',
  ill: ', the last attempt ended badly',
  empty: '',
}

function left(): Failure {
  return new Failure({
    code: 'interrupted',
    message: 'stopped watching; whatever is under way goes on',
    hint: 'come back with gonogo watch',
  })
}
