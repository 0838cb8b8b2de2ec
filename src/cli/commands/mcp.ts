import { Failure } from '../../core/failure.ts'
import { nearest } from '../../core/text.ts'
import type { Context } from '../../ports/context.ts'
import type { Toolset } from '../../tools/define-tool.ts'
import { toolsets } from '../../tools/toolsets.ts'
import { exits, type ExitCode } from '../exit.ts'
import { followConfiguration } from '../follow-configuration.ts'
import { defaultToolsets, type Surface } from '../surface.ts'
import { weakTokenLines } from '../weak-tokens.ts'

export interface McpCommandOptions {
  project?: string
  toolsets?: string
  readOnly?: boolean
  waitSeconds: string
}

/**
 * Serves MCP on stdin and stdout. The project is opened by a call and follows its configuration; one that
 * cannot be opened is an answer to that call, and is tried again by the next.
 */
export async function runMcp(surface: Surface, options: McpCommandOptions): Promise<ExitCode> {
  const readOnly = options.readOnly === true
  const selection = { toolsets: parseToolsets(options.toolsets), readOnly }
  const tools = async () => (await import('../../tools/index.ts')).selectTools(selection)
  const directory = options.project ? { directory: options.project } : {}
  const follow = followConfiguration(() => surface.connect({ readOnly, ...directory }))
  const warned = new WeakSet<Context>()
  const connect = async () => {
    const context = await follow()
    if (!warned.has(context)) warnOfStaticTokens(surface, context)
    warned.add(context)
    return context
  }
  await surface.serveMcp({ tools, connect, waitMs: parseWait(options.waitSeconds) })
  return exits.done
}

function warnOfStaticTokens({ err }: Surface, context: Context): void {
  const { adminTokens, project } = context
  if (adminTokens.length === 0 || project.approvals.mode === 'strict') return
  err.write(
    'gonogo: compatibility mode: DEPLOYMENT_ADMIN_TOKENS is set, so whoever can read or set the environment of gonogo can approve (level L0)\n',
  )
  for (const line of weakTokenLines(context)) err.write(`gonogo: ${line}\n`)
}

function parseToolsets(text: string | undefined): readonly Toolset[] {
  if (text === undefined) return defaultToolsets
  return text.split(',').map((part) => {
    const name = part.trim()
    const found = toolsets.find((toolset) => toolset === name)
    if (found) return found
    const guess = nearest(name, toolsets)
    throw new Failure({
      code: 'invalid_input',
      message: `--toolsets: ${JSON.stringify(name)} is not a toolset${guess ? `, did you mean ${guess}?` : ''}`,
      hint: `use a comma-separated list of ${toolsets.join(', ')}`,
    })
  })
}

function parseWait(text: string): number {
  const seconds = Number(text)
  if (seconds >= 1 && seconds <= 3600) return seconds * 1000
  throw new Failure({
    code: 'invalid_input',
    message: `--wait-seconds ${JSON.stringify(text)} is not a number from 1 to 3600`,
    hint: 'leave it out for the default of 45',
  })
}
