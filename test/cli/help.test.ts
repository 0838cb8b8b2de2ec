import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram, newProgram } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { typed } from '../support/typed.ts'

async function programFor(argv: readonly string[]): Promise<Command> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = { version: '1.0.0', env: {}, out, err } as unknown as Surface
  const program = newProgram(surface, false)
  return await buildProgram({ program, surface, argv, finish: async () => undefined })
}

/** Every command that the help names, with the words that lead to it. */
function commandsBelow(command: Command, path: string[] = []): [string[], Command][] {
  const visible = command.createHelp().visibleCommands(command)
  return visible
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => {
      const words = [...path, each.name()]
      return [[words, each] as [string[], Command], ...commandsBelow(each, words)]
    })
}

const examplesIn = (help: string) =>
  (help.split('\nExamples:\n')[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim())

/** The gonogo call in a line that a person would give to a shell, as words. */
function argumentsOf(example: string): string[] {
  const call = /\bgonogo ([^|>)]*)/.exec(example)?.[1] ?? ''
  return [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

const commands = commandsBelow(await programFor([]))

describe('every command', () => {
  it('is found by the walk', () => {
    const names = commands.map(([words]) => words.join(' '))
    for (const name of ['validate', 'watch', 'keep', 'approver add', 'audit verify', 'init'])
      expect(names).toContain(name)
  })

  it('of gonogo itself ends with lines for any terminal', async () => {
    const { stdout } = await typed('--help')
    const closing = stdout.slice(stdout.indexOf('Exit codes:')).split('\n')
    for (const line of closing) expect(line.length).toBeLessThan(80)
  })

  it.each(commands.map(([words, command]) => [words.join(' '), words, command] as const))(
    '%s has a description, arguments that are explained and examples that parse',
    async (name, words, command) => {
      expect(command.description()).not.toBe('')
      const { stdout: help } = await typed(...words, '--help')
      expect(help).toContain(`Usage: gonogo ${name}`)
      for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
      expect(examplesIn(help)).not.toEqual([])
      const [, everywhere = ''] = /^Global Options:\n([^]*?)\n\n/m.exec(help) ?? []
      expect(everywhere.match(/--[a-z-]+/g)).toEqual([
        '--project',
        '--json',
        '--quiet',
        '--exact-times',
        '--no-color',
      ])
      // A key is named by its private half everywhere: only it shows how it is protected.
      expect(examplesIn(help).join('\n')).not.toContain('.pub')
      for (const example of examplesIn(help)) await expectToParse(argumentsOf(example), name)
    },
  )
})

/** Parses it up to the point where the command itself would begin. */
async function expectToParse(argv: readonly string[], name: string): Promise<void> {
  const program = await programFor(argv)
  let begun = ''
  for (const [words, command] of commandsBelow(program)) {
    if (command.commands.length === 0 || words.join(' ') === argv[0])
      command.action(() => void (begun = words.join(' ')))
  }
  await program.parseAsync([...argv], { from: 'user' })
  expect(`${begun} `).toContain(`${name} `)
}

describe('a slip', () => {
  it.each([
    ['lst', 'did you mean list?', 'gonogo --help'],
    ['lst --help', 'did you mean list?', 'gonogo --help'],
    ['help lst', 'did you mean list?', 'gonogo --help'],
    ['approver lst', 'did you mean list?', 'gonogo approver --help'],
    ['help approver ad', 'did you mean add?', 'gonogo approver --help'],
    ['--project here hold lft', 'did you mean lift?', 'gonogo hold --help'],
    ['list --hlep', 'did you mean --help?', 'gonogo list --help'],
    ['watch --timeot 3m', 'did you mean --timeout?', 'gonogo watch --help'],
    ['status dep_1 --exact-time', 'did you mean --exact-times?', 'gonogo status --help'],
  ])('gonogo %s: %s', async (line, guess, help) => {
    const { exitCode, stderr } = await typed(...line.split(' '))
    expect(exitCode).toBe(2)
    expect(stderr).toContain(guess)
    expect(stderr).toContain(`next: run ${help} `)
  })

  it.each([['help hold lift'], ['hold lift --help'], ['hold help lift']])(
    'is none: gonogo %s',
    async (line) => {
      const { exitCode, stdout } = await typed(...line.split(' '))
      expect(exitCode).toBe(0)
      expect(stdout).toContain('Usage: gonogo hold lift [options] <environment> <version>')
    },
  )
})
