import { Option, type Command } from 'commander'
import * as z from 'zod'
import { Failure } from '../core/failure.ts'
import type { Tool } from '../tools/define-tool.ts'
import type { ToolCommand } from './tool-commands.ts'

/** Declares a tool's inputs as arguments and flags. The tool itself still validates them. */
export function declareInputs(command: Command, { positionals, inputs }: ToolCommand, tool: Tool) {
  for (const name of positionals) command.argument(`<${name}>`, inputs[name])
  for (const [name, field] of Object.entries(tool.input.shape)) {
    if (!positionals.includes(name))
      command.addOption(flagOf(name, field as z.ZodType, inputs[name]))
  }
}

function flagOf(name: string, field: z.ZodType, text: string | undefined): Option {
  const flag = name.replaceAll('_', '-')
  const { default: preset, type, enum: choices } = z.toJSONSchema(field, { io: 'input' })
  if (type === 'boolean') {
    return new Option(preset === true ? `--no-${flag}` : `--${flag}`, text)
  }
  const option = new Option(`--${flag} <${type === 'integer' ? 'number' : 'value'}>`, text)
  if (choices) option.choices(choices as string[])
  if (name === 'approval_token') option.argParser(approvalId)
  if (preset !== undefined) option.default(undefined, JSON.stringify(preset))
  return option.makeOptionMandatory(!field.safeParse(undefined).success)
}

/** What was typed, as commander took it apart. */
export interface Typed {
  args: readonly (string | undefined)[]
  flags: Record<string, unknown>
  env: Readonly<Record<string, string | undefined>>
}

/** What the person typed, in the tool's own names and types. */
export function toolInput(entry: ToolCommand, tool: Tool, typed: Typed): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(tool.input.shape)) {
    const given = valueOf(name, entry, typed)
    if (given !== undefined) input[name] = inType(field as z.ZodType, given)
  }
  return input
}

function valueOf(name: string, { positionals }: ToolCommand, { args, flags, env }: Typed): unknown {
  const position = positionals.indexOf(name)
  const given = position >= 0 ? args[position] : flags[camel(name)]
  return name === 'approval_token' ? (given ?? staticToken(env)) : given
}

function inType(field: z.ZodType, given: unknown): unknown {
  const { type } = z.toJSONSchema(field, { io: 'input' })
  // Not a number stays as it is: the tool's own validation names the field and the value.
  return type === 'integer' && /^-?\d+$/.test(String(given)) ? Number(given) : given
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase())
}

/** An approval id may stand on the command line; a secret may not: every process can read it there. */
function approvalId(text: string): string {
  if (text.startsWith('apr_')) return text
  throw new Failure({
    code: 'invalid_input',
    message: '--approval-token takes the id of an approval request (apr_…), never a secret',
    hint: 'put a static token into the environment variable GONOGO_APPROVAL_TOKEN',
  })
}

function staticToken(env: Typed['env']): string | undefined {
  return env.GONOGO_APPROVAL_TOKEN?.trim() || undefined
}
