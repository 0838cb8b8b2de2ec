import { InvalidArgumentError, type Command } from 'commander'
import { parseDuration } from './duration.ts'
import type { ExitCode } from './exit.ts'
import type { CommonOptions, Session } from './session.ts'
import type { Surface } from './surface.ts'

/** What it takes to declare a command. */
export interface Cli {
  program: Command
  surface: Surface
  /** What was typed after `gonogo`. */
  argv: readonly string[]
  /** Waits for the command that was typed; its exit code becomes the program's. */
  finish: (code: Promise<ExitCode>) => Promise<void>
}

/** Makes a command run inside an opened project. Only the command that was typed loads its code. */
export function act(
  { surface, argv, finish }: Cli,
  command: Command,
  run: (session: Session, args: readonly (string | undefined)[]) => Promise<ExitCode>,
): void {
  command.action(() => {
    const options = command.optsWithGlobals<CommonOptions>()
    const caller = { surface, options, argv }
    return finish(
      import('./session.ts').then(({ runCommand }) =>
        runCommand(caller, (session) => run(session, command.args)),
      ),
    )
  })
}

/** What a person would really type, below a command's help. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}

/** A whole number in a range, for commander. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`it is not a whole number from ${least} to ${most}`)
  }
}

/** Milliseconds of `10m`, for commander: checked before anything is started. */
export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Write it as 90s, 10m or 1h.')
  return ms
}
