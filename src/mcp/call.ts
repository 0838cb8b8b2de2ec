import { toFailure } from '../core/failure.ts'
import type { Call, Context } from '../ports/context.ts'
import type { Tool } from '../tools/define-tool.ts'
import { toErrorResult, toResult, type McpResult } from './result.ts'

/** What one `tools/call` brings along. */
export interface McpRequest {
  /** The client's own name: a claim, used as a label. */
  client: string
  signal: AbortSignal
  /** Null when the client did not ask for progress. */
  notify: ((progress: number, message: string) => void) | null
  waitMs: number
}

/** Calls a tool as an agent. Whatever happens becomes a result. */
export async function callTool(
  tool: Tool,
  args: unknown,
  request: McpRequest,
  connect: () => Promise<Context>,
): Promise<McpResult> {
  const answered = { yet: false }
  try {
    const context = await connect()
    return toResult(await tool.call(args, agentCall(context, request, answered)))
  } catch (error) {
    return toErrorResult(toFailure(error))
  } finally {
    // Work that goes on after a pending answer must not report to a request that is over.
    answered.yet = true
  }
}

function agentCall(context: Context, request: McpRequest, answered: { yet: boolean }): Call {
  let steps = 0
  return {
    ...context,
    principal: { kind: 'agent', name: request.client },
    requestId: context.runtime.id('req'),
    waitMs: request.waitMs,
    signal: request.signal,
    // Work reports within work, each counting for itself; together only that it goes on is true.
    progress: (message) => {
      if (!answered.yet) request.notify?.((steps += 1), message)
    },
  }
}
