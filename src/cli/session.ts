import { randomUUID } from 'node:crypto'
import { Failure, toFailure, withoutSecrets } from '../core/failure.ts'
import { redact } from '../core/redact.ts'
import { sanitize } from '../core/text.ts'
import type { Call, Context } from '../ports/context.ts'
import { exitOfFailure, type ExitCode } from './exit.ts'
import { createProgressLine, type ProgressLine } from './live/progress-line.ts'
import { pageFor, type Page } from './render/page.ts'
import { paletteFor } from './style.ts'
import { canRedraw } from './terminal.ts'
import { inCliWords } from './words.ts'
import { isInteractive, type Surface } from './surface.ts'

/** Flags every command takes. */
export interface CommonOptions {
  project?: string
  json?: boolean
  quiet?: boolean
  /** Moments as they are, instead of "3 min ago". */
  exactTimes?: boolean
}

/** Whoever typed a command, and what was typed. */
export interface Caller {
  surface: Surface
  options: CommonOptions
  argv: readonly string[]
}

/** One command's run: where it prints, and as whom it calls. */
export interface Session {
  surface: Surface
  options: CommonOptions
  call: Call
  /** A line of data on stdout; nothing with --json. */
  print: (line: string) => void
  /** A line of progress on stderr: any text, nothing with --quiet. */
  note: (text: string) => void
  /** A rendered line on stderr that a person must see before they decide. */
  tell: (line: string) => void
  /** What lines for one of the two streams are written on. */
  page: (stream: 'out' | 'err') => Page
  /** The command that was typed, with more flags: ready to be copied. */
  again: (...flags: string[]) => string
}

/** Runs a command to its exit code. Whatever it throws is printed once, as text or as JSON. */
export async function runCommand(
  caller: Caller,
  command: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { surface, options } = caller
  try {
    const context = await surface.connect(options.project ? { directory: options.project } : {})
    const line = createProgressLine(surface.err, () => context.runtime.now())
    try {
      return await command(sessionOf(caller, context, line))
    } catch (error) {
      throw withoutSecrets(toFailure(error), (value) => context.held.redact(value))
    } finally {
      line.clear()
      await context.store.close()
    }
  } catch (error) {
    return printFailure(surface, options, error)
  }
}

function sessionOf(caller: Caller, context: Context, progress: ProgressLine): Session {
  const { surface, options, argv } = caller
  const { faint } = paletteFor(surface.err)
  const tell = (line: string) => {
    progress.clear()
    surface.err.write(`${line}\n`)
  }
  const note = (text: string) => {
    if (!options.quiet) tell(faint(sanitize(text)))
  }
  const call: Call = {
    ...context,
    principal: {
      kind: isInteractive(surface) ? 'human' : 'automation',
      name: context.runtime.userName(),
    },
    requestId: `req_${randomUUID()}`,
    waitMs: Infinity,
    signal: surface.interrupted,
    progress: (message, done, total) => {
      // Work that is being stopped may report once more, below what was said last.
      if (surface.interrupted.aborted) return
      if (canRedraw(surface, options)) progress.show(message, done, total)
      else if (!options.json) note(`… ${message}`)
    },
  }
  const print = (line: string) => {
    progress.clear()
    if (!options.json) surface.out.write(`${line}\n`)
  }
  const page: Session['page'] = (stream) =>
    pageFor(surface[stream], { exactTimes: options.exactTimes, now: context.runtime.now() })
  const again = (...flags: string[]) => ['gonogo', ...argv, ...flags].map(quoted).join(' ')
  return { surface, options, call, print, note, tell, page, again }
}

/** An argument as it has to be typed. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** One JSON object on stdout: the version of its shape first, then the data. */
export function printJson({ surface, options }: Session, data: Record<string, unknown>): void {
  if (options.json)
    surface.out.write(`${JSON.stringify({ schema_version: 1, ...data }, null, 2)}\n`)
}

/** Prints what went wrong and what to do next; resolves to the exit code. */
export function printFailure(surface: Surface, options: CommonOptions, error: unknown): ExitCode {
  // Before a project is open nobody knows its secrets: then it is their shapes.
  const failure = withoutSecrets(failureOf(surface, error), (value) => redact(value, []))
  const { code, message, hint, retryable, details } = failure
  if (options.json) {
    const body = { schema_version: 1, error: { code, message, hint, retryable, details } }
    surface.out.write(`${JSON.stringify(body, null, 2)}\n`)
  } else {
    const { bad, faint } = paletteFor(surface.err)
    const [what, next] = [inCliWords(sanitize(message)), inCliWords(sanitize(hint))]
    surface.err.write(
      `${afterCtrlC(surface)}${bad(`error (${code}):`)} ${what}\n${faint('next:')} ${next}\n`,
    )
  }
  if (surface.env.GONOGO_DEBUG)
    surface.err.write(`${String(failure.stack)}\n${String(failure.cause)}\n`)
  return exitOfFailure[code]
}

/** The terminal has written `^C` at the beginning of the line. */
function afterCtrlC({ err, env, interrupted }: Surface): string {
  if (!interrupted.aborted || !err.isTTY) return ''
  return env.TERM === 'dumb' ? '\n' : '\r\u001b[K'
}

/** After Ctrl-C whatever breaks is a consequence of it; who knows more than that says so itself. */
function failureOf(surface: Surface, error: unknown): Failure {
  const failure = toFailure(error)
  return surface.interrupted.aborted && failure.code !== 'interrupted' ? interruption() : failure
}

function interruption(): Failure {
  return new Failure({
    code: 'interrupted',
    message: 'interrupted; a deployment that was started goes on',
    hint: 'run gonogo list to see it, and gonogo status ID --watch to follow it',
  })
}
