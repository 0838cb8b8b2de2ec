import type { Argument, Command, Option } from 'commander'

/** What the word under the cursor is, as far as the words before it tell. */
export interface Position {
  command: Command
  /** Positional words of the command so far. */
  given: readonly string[]
  /** The word as far as it was typed. */
  word: string
  /** The option whose value the word is; null when it is none's. */
  option: Option | null
  /** Put before each value: the shell replaces the whole of `--flag=value`. */
  prefix: string
  /** After `--` nothing is an option any more. */
  onlyArguments: boolean
}

/** Follows the words through the commands, as the parser would. */
export function positionOf(program: Command, typed: readonly string[]): Position {
  const { words, assigned } = joined(typed)
  let command = program
  let given: string[] = []
  let option: Option | null = null
  let onlyArguments = false
  for (const word of words.slice(0, -1)) {
    if (option) option = null
    else if (onlyArguments) given.push(word)
    else if (word === '--') onlyArguments = true
    else if (word.startsWith('-')) option = wantsValue(findOption(command, word))
    else {
      const inner = given.length === 0 ? childOf(command, word) : undefined
      if (inner) command = inner
      else given = [...given, word]
    }
  }
  const word = words.at(-1) ?? ''
  const assignment = /^(--[\w-]+)=(.*)$/s.exec(word)
  if (!option && !onlyArguments && assignment) {
    const [, flag = '', value = ''] = assignment
    const prefix = assigned ? '' : `${flag}=`
    option = wantsValue(findOption(command, flag))
    return { command, given, word: value, option, prefix, onlyArguments }
  }
  return { command, given, word, option, prefix: '', onlyArguments }
}

/** Bash hands `--flag=value` over as three words, and replaces the last one only. */
function joined(typed: readonly string[]): { words: string[]; assigned: boolean } {
  const words: string[] = []
  let assigned = false
  for (const [index, word] of typed.entries()) {
    const before = words.at(-1)
    assigned = false
    if (word === '=' && before?.startsWith('--') && !before.includes('=')) {
      words[words.length - 1] = `${before}=`
      assigned = true
    } else if (index > 0 && typed[index - 1] === '=' && before?.endsWith('=')) {
      words[words.length - 1] = before + word
      assigned = true
    } else words.push(word)
  }
  return { words, assigned }
}

function childOf(command: Command, name: string): Command | undefined {
  return command.commands.find((child) => child.name() === name)
}

/** Flags of the commands above count, too; asking a command for the version helps nobody. */
export function optionsOf(command: Command): Option[] {
  const own = command.createHelp().visibleOptions(command)
  const above = command.parent ? optionsOf(command.parent) : []
  const known = new Set(['--version', ...own.map(({ long }) => long)])
  return [...own, ...above.filter(({ long }) => !known.has(long))]
}

function findOption(command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined
  return optionsOf(command).find(({ long, short }) => long === word || short === word)
}

function wantsValue(option: Option | undefined): Option | null {
  return option && (option.required || option.optional) ? option : null
}

/** The declared argument the word would be. */
export function argumentAt({ command, given }: Position): Argument | undefined {
  const declared = command.registeredArguments
  const last = declared.at(-1)
  return declared[given.length] ?? (last?.variadic ? last : undefined)
}
