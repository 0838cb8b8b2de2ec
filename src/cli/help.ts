import { CommanderError, type Command } from 'commander'
import { nearest } from '../core/text.ts'

/** `gonogo help approver add` as `gonogo approver add --help`. */
export function helpLast(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => !word.startsWith('-'))
  if (argv[at] !== 'help' || at === argv.length - 1) return argv
  return [...argv.slice(0, at), ...argv.slice(at + 1), '--help']
}

/** Help about a command there is not: commander would show the help of everything and call that done. */
export function refuseUnknownHelp(program: Command, argv: readonly string[]): void {
  if (helpLast(argv) === argv && !argv.some((word) => word === '--help' || word === '-h')) return
  let command = program
  for (const word of wordsOf(helpLast(argv))) {
    if (command.commands.length === 0) return
    const names = command
      .createHelp()
      .visibleCommands(command)
      .map((each) => each.name())
    const next = command.commands.find((each) => each.name() === word)
    if (!next && word === 'help') return
    if (!next) throw unknownCommand(word, nearest(word, names))
    command = next
  }
}

/** What was typed without flags and the one value that may stand before a command's name. */
export function wordsOf(argv: readonly string[]): string[] {
  return argv.filter((word, index) => !word.startsWith('-') && argv[index - 1] !== '--project')
}

function unknownCommand(word: string, guess: string | undefined): CommanderError {
  const suggestion = guess === undefined ? '' : `\n(Did you mean ${guess}?)`
  const message = `error: unknown command '${word}'${suggestion}`
  return new CommanderError(1, 'commander.unknownCommand', message)
}
