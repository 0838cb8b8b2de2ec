import { PassThrough } from 'node:stream'
import { openConnection } from '../../src/mcp/connection.ts'
import type { Context } from '../../src/ports/context.ts'
import { tools } from '../../src/tools/index.ts'

/** A client of the MCP server in this process, which speaks the protocol over two streams. */
export interface Session {
  /** Calls a tool; resolves to the whole answer as it was sent. */
  call(tool: string, args: unknown): Promise<string>
  /** Sends these bytes as one line and waits for the answer to `id`. */
  raw(line: string, id: number): Promise<string>
  close(): Promise<void>
}

export async function openSession(
  client: string,
  connect: () => Promise<Context>,
): Promise<Session> {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const waiting = new Map<number, (line: string) => void>()
  let rest = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) waiting.get((JSON.parse(line) as { id: number }).id)?.(line)
  })
  const options = { version: '0.0.0', tools: async () => tools, connect, waitMs: 20_000 }
  const connection = openConnection(options, input, output, () => undefined)
  const raw: Session['raw'] = async (line, id) => {
    const answer = new Promise<string>((resolve) => waiting.set(id, resolve))
    input.write(`${line}\n`)
    const late = AbortSignal.timeout(30_000)
    const never = new Promise<never>((_, reject) =>
      late.addEventListener('abort', () => reject(new Error(`no answer to ${line.slice(0, 200)}`))),
    )
    return await Promise.race([answer, never])
  }
  const clientInfo = { name: client, version: '1' }
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
  await raw(message(0, 'initialize', hello), 0)
  input.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`)
  let last = 0
  return {
    call: (tool, args) =>
      raw(message((last += 1), 'tools/call', { name: tool, arguments: args }), last),
    raw,
    close: () => connection.close(),
  }
}

function message(id: number, method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}
