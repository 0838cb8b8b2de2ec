import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { CommanderError, type Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { toolCommands } from '../../src/cli/tool-commands.ts'
import { buildProgram, newProgram } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { tools } from '../../src/tools/index.ts'

const docs = join(import.meta.dirname, '../../docs')
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'))
const textOf = (page: string) => readFileSync(join(docs, page), 'utf8')

/** Every call of gonogo in a code span or at the start of a line of a code block. */
function callsIn(text: string): string[] {
  const spans = [...text.matchAll(/`(gonogo (?!needs )[^`\n]+)`/g)].map(([, call = '']) => call)
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    [...block.matchAll(/^(?:sudo (?:-u \w+ )?)?(gonogo .+)$/gm)].map(([, call = '']) => call),
  )
  return [...new Set([...spans, ...blocks])]
    .map((call) => call.split(/ [#|>&]|;/)[0]!.trim())
    .filter((call) => !/COMMAND|SHELL|…$|\\\|/.test(call.replaceAll(/(?:apr|dep)_…/g, 'id')))
}

const wordsOf = (call: string) =>
  [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .slice(1)

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0
    ? [command]
    : [command, ...command.commands.flatMap(leavesOf)]
}

/** What commander has against a call; a page may leave out arguments, but names nothing wrong. */
async function problemOf(call: string): Promise<string | null> {
  const argv = wordsOf(call)
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = { version: '1.0.0', env: {}, out, err } as unknown as Surface
  const program = newProgram(surface, true)
  await buildProgram({ program, surface, argv, finish: async () => undefined })
  for (const command of leavesOf(program)) if (command !== program) command.action(() => undefined)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return null
  } catch (error) {
    const { code, message } = error as CommanderError
    const wrong = /unknown|excess|invalid/i.test(code)
    return error instanceof CommanderError && !wrong ? null : `${call}: ${message}`
  }
}

describe('the commands that a page names', () => {
  it.each(pages)('%s', async (page) => {
    const problems = await Promise.all(callsIn(textOf(page)).map(problemOf))
    expect(problems.filter((problem) => problem !== null)).toEqual([])
  })

  it('are found', () => {
    expect(callsIn('`gonogo list`\n```sh\ngonogo status dep_… --watch   # follow\n```')).toEqual([
      'gonogo list',
      'gonogo status dep_… --watch',
    ])
  })

  it('would be refused with a flag that is not there', async () => {
    expect(await problemOf('gonogo list --envronment production')).toContain('--envronment')
  })
})

describe('docs/README.md', () => {
  it('leads to every page', () => {
    const linked = [...textOf('README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page)
    const others = pages.filter((page) => page !== 'README.md')
    expect(others.filter((page) => !linked.includes(page))).toEqual([])
  })
})

describe('the table of tools', () => {
  it('in overview.md has every tool with its command and toolset', () => {
    const rows = [...textOf('overview.md').matchAll(/^\| `(\w+)` +\| `gonogo (\w+)` +\| `(\w+)`/gm)]
    const told = rows.map(([, tool, command, toolset]) => `${tool} ${command} ${toolset}`)
    const actual = tools.map(({ name, toolset }) => {
      const { command } = toolCommands.find(({ tool }) => tool === name)!
      return `${name} ${command} ${toolset}`
    })
    expect(told.toSorted()).toEqual(actual.toSorted())
  })

  it('in dry-runs.md has every tool that can be run dry', () => {
    const told = [...textOf('dry-runs.md').matchAll(/^\| `(\w+_\w+)` +\|/gm)].map(
      ([, name]) => name,
    )
    const dry = tools.filter(({ input }) => 'dry_run' in input.shape).map(({ name }) => name)
    expect(new Set(told)).toEqual(new Set(dry))
  })
})
