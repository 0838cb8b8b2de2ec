import type { Command, CommanderError } from 'commander'
import { Failure } from '../core/failure.ts'
import { wordsOf } from './help.ts'

/** What was typed wrong, in the words of every other failure. */
export function usageFailure(
  { code, message }: CommanderError,
  program: Command,
  argv: readonly string[],
): Failure {
  const typed = commandOf(program, argv)
  return new Failure({
    code: 'invalid_input',
    message: code === 'commander.help' ? 'the name of a command is missing' : plain(message),
    hint: `run ${[typed, '--help'].join(' ')} to see how it is used`,
  })
}

/** `gonogo approver add`: as much of it as was typed right. */
function commandOf(program: Command, argv: readonly string[]): string {
  const path = [program.name()]
  let command: Command | undefined = program
  for (const word of wordsOf(argv)) {
    command = command.commands.find((candidate) => candidate.name() === word)
    if (!command) break
    path.push(word)
  }
  return path.join(' ')
}

function plain(message: string): string {
  return message.replace(/^error: /, '').replace(/\n\(Did you mean ([^)]*)\)/, ', did you mean $1')
}
