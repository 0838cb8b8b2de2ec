import { CLIENT_INFO_META_KEY, Server, type ServerContext } from '@modelcontextprotocol/server'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Context } from '../ports/context.ts'
import type { Tool } from '../tools/define-tool.ts'
import { callTool } from './call.ts'
import { describeTool } from './describe.ts'
import { instructions } from './instructions.ts'
import { toErrorResult } from './result.ts'

export interface McpOptions {
  version: string
  /** Loaded when the client asks for them, not before: the handshake needs none. */
  tools: () => Promise<readonly Tool[]>
  /** Opens the project when the first tool is called, not before. */
  connect: () => Promise<Context>
  /** How long a call may take before it answers `pending`. */
  waitMs: number
}

/**
 * A server for one connection, either protocol era. The low-level server is used so that arguments
 * are validated by the tools themselves: the model gets our codes and hints, not bare text.
 */
export function createServer(options: McpOptions): Server {
  const server = new Server(
    { name: 'gonogo', title: 'gonogo', version: options.version },
    {
      capabilities: { tools: {} },
      instructions,
      cacheHints: { 'tools/list': { ttlMs: 3_600_000 } },
    },
  )
  server.setRequestHandler('tools/list', async () => ({
    tools: (await options.tools()).map(describeTool),
  }))
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params
    const tools = await options.tools()
    const tool = tools.find((candidate) => candidate.name === name)
    if (!tool) return toErrorResult(unknownTool(name, tools))
    const { connect, waitMs } = options
    const client = clientName(server, context)
    const { signal } = context.mcpReq
    return await callTool(
      tool,
      args,
      { client, signal, notify: notifier(context), waitMs },
      connect,
    )
  })
  return server
}

function unknownTool(name: string, tools: readonly Tool[]): Failure {
  const known = tools.map((tool) => tool.name).join(', ')
  return new Failure({
    code: 'invalid_input',
    message: `there is no tool ${oneLine(name, 64)} here`,
    hint: `use one of ${known}; with --read-only or other --toolsets some tools are not offered`,
  })
}

/** The modern era names the client in every request, the older one once per connection. */
function clientName(server: Server, context: ServerContext): string {
  const envelope = context.mcpReq.envelope as Record<string, { name?: string }> | undefined
  const claimed = envelope?.[CLIENT_INFO_META_KEY] ?? server.getClientVersion()
  const name = oneLine(claimed?.name ?? '', 64).replace(/[^\w.@/-]+/g, '-')
  return name === '' ? 'mcp' : name
}

function notifier(context: ServerContext) {
  const progressToken = context.mcpReq._meta?.progressToken
  if (progressToken === undefined) return null
  return (progress: number, message: string) => {
    const params = { progressToken, progress, message }
    // Progress is a courtesy: a client that left must not fail the call.
    context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
  }
}
