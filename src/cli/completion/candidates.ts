import type { Argument, Command, Option } from 'commander'
import { isPlainWord, oneLine } from '../../core/text.ts'
import { argumentAt, optionsOf, positionOf, type Position } from './position.ts'

/** One way to go on, and what it means. */
export interface Candidate {
  value: string
  help: string
}

/** What a value is, which decides where its values come from. */
export type Kind =
  | 'environment'
  | 'git_ref'
  | 'deployed_version'
  | 'held_version'
  | 'deployment'
  | 'request'
  | 'approval'
  | 'caller_token'
  | 'notification_target'

/** Looks values up; `given` are the positional words before. */
export type Lookup = (kind: Kind, given: readonly string[]) => Promise<Candidate[]>

/** The one answer for a word that is a path: the shell knows its files best. */
const files: Candidate = { value: ':files', help: '' }

/** Everything that may stand where the cursor is, in the order to show it. */
export async function candidatesFor(
  program: Command,
  typed: readonly string[],
  lookup: Lookup,
): Promise<Candidate[]> {
  const position = positionOf(program, typed)
  const { word, prefix } = position
  const all = await unfiltered(position, lookup)
  if (all.includes(files)) return [files]
  return all
    .filter(({ value }) => value.startsWith(word))
    .map(({ value, help }) => ({ value: prefix + value, help: oneLine(help, 80) }))
}

async function unfiltered(position: Position, lookup: Lookup): Promise<Candidate[]> {
  const { command, given, word, option, prefix, onlyArguments } = position
  if (option) return await valuesOf(option.argChoices, kindOfOption(option), given, lookup)
  if (prefix !== '') return []
  if (word.startsWith('-') && !onlyArguments) return flagsOf(command)
  if (given.length === 0 && !onlyArguments) {
    const inner = command.createHelp().visibleCommands(command)
    if (inner.length > 0)
      return inner.map((child) => ({ value: child.name(), help: child.description() }))
  }
  const argument = argumentAt(position)
  if (!argument) return []
  return await valuesOf(argument.argChoices, kindOfArgument(argument, command), given, lookup)
}

async function valuesOf(
  choices: readonly string[] | undefined,
  kind: Kind | 'file' | null,
  given: readonly string[],
  lookup: Lookup,
): Promise<Candidate[]> {
  if (choices) return choices.map((value) => ({ value, help: '' }))
  if (kind === 'file') return [files]
  if (kind === null) return []
  // Names come from repositories and stores: nothing that a shell would read as more than a word.
  return (await lookup(kind, given)).filter(({ value }) => isPlainWord(value))
}

function flagsOf(command: Command): Candidate[] {
  return optionsOf(command).map(({ long, short, description }) => ({
    value: long ?? short ?? '',
    help: description,
  }))
}

function kindOfOption({ long, flags }: Option): Kind | 'file' | null {
  const placeholder = /<([\w-]+)>/.exec(flags)?.[1] ?? ''
  const named = long?.slice(2).replaceAll('-', '_') ?? ''
  return kinds[placeholder] ?? kinds[named] ?? null
}

function kindOfArgument(argument: Argument, command: Command): Kind | 'file' | null {
  const name = argument.name()
  return ofCommand[`${command.name()} ${name}`] ?? kinds[name] ?? null
}

/** Where the same name stands for other values than elsewhere. */
const ofCommand: Record<string, Kind> = {
  'lift version': 'held_version',
  // What is decided already is looked at and taken back, too.
  'show approval_id': 'approval',
  'revoke approval_id': 'approval',
  'test name': 'notification_target',
}

/** By the names that commands give to arguments, inputs and flags. */
const kinds: Record<string, Kind | 'file'> = {
  environment: 'environment',
  git_ref: 'git_ref',
  version: 'git_ref',
  staging_version: 'deployed_version',
  target_version: 'deployed_version',
  deployment_id: 'deployment',
  approval_id: 'request',
  approval_token: 'approval',
  token: 'caller_token',
  file: 'file',
  dir: 'file',
}
