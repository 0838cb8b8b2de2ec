import { describe, expect, it } from 'vitest'
import { toolCommands } from '../../src/cli/tool-commands.ts'
import { inCliWords } from '../../src/cli/words.ts'
import { tools } from '../../src/tools/index.ts'

/** Flags that are no inputs of a tool. */
const cliFlags = ['--yes', '--watch', '--timeout', '--key', '--confirm', '--json', '--junit']

describe('the commands of the tools', () => {
  it('are one for each tool, in the order of the journey', () => {
    expect(toolCommands.map(({ tool }) => tool).toSorted()).toEqual(
      tools.map(({ name }) => name).toSorted(),
    )
  })

  it.each(toolCommands.map((entry) => [entry.command, entry] as const))(
    '%s explains every input and shows examples that it takes',
    async (_, { command, tool: name, load, positionals, inputs, examples }) => {
      const tool = await load()
      expect(tool.name).toBe(name)
      const names = Object.keys(tool.input.shape)
      expect(Object.keys(inputs).toSorted()).toEqual(names.toSorted())
      const flags = names.map((word) => `--${word.replaceAll('_', '-')}`)
      const known = [...flags, ...flags.map((flag) => flag.replace('--', '--no-')), ...cliFlags]
      for (const example of examples) {
        expect(example).toMatch(new RegExp(`^gonogo ${command}\\b`))
        for (const [flag] of example.matchAll(/--[a-z-]+/g)) expect(known).toContain(flag)
      }
      expect(names).toEqual(expect.arrayContaining([...positionals]))
    },
  )
})

describe('what tools say', () => {
  it.each([
    ['call list_deployments to see the ids', 'run gonogo list to see the ids'],
    ['no result: run validate_deployment', 'no result: run gonogo validate'],
    ['Follow it with get_deployment_status dep_1.', 'Follow it with gonogo status dep_1.'],
    ['call again with approval_token apr_1', 'call again with --approval-token apr_1'],
    ['Invalid approval token for production', 'Invalid approval token for production'],
    ['run_smoke_tests_later', 'run_smoke_tests_later'],
  ])('%j becomes %j', (text, words) => {
    expect(inCliWords(text)).toBe(words)
  })
})
