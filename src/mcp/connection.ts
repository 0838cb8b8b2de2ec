import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { createServer, type McpOptions } from './server.ts'

/** Speaks MCP over two streams until it is closed; `onEnd` hears when it ends by itself. */
export function openConnection(
  options: McpOptions,
  input: Readable,
  output: Writable,
  onEnd: () => void,
): { close: () => Promise<void> } {
  const transport = new StdioServerTransport(input, output)
  const connection = serveStdio(() => createServer(options), {
    transport,
    onerror: (error) => process.stderr.write(`gonogo mcp: ${error.message}\n`),
  })
  // The transport also gives up by itself: on a message without end, or when nobody reads answers.
  const { onclose } = transport
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the transport has no other way
  transport.onclose = () => {
    onclose?.()
    onEnd()
  }
  return connection
}
