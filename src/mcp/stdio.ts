import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { createServer, type McpOptions } from './server.ts'

/** Serves MCP on stdin and stdout until the client closes either of them or `stop` aborts. */
export async function serveMcpOverStdio(options: McpOptions, stop: AbortSignal): Promise<void> {
  const transport = new StdioServerTransport(process.stdin, reserveStdout())
  const closed = Promise.withResolvers<void>()
  process.stdin.once('end', closed.resolve)
  process.stdin.once('close', closed.resolve)
  stop.addEventListener('abort', () => closed.resolve(), { once: true })
  const connection = serveStdio(() => createServer(options), {
    transport,
    onerror: (error) => process.stderr.write(`gonogo mcp: ${error.message}\n`),
  })
  // The transport also gives up by itself: on a message without end, or when nobody reads answers.
  const { onclose } = transport
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the transport has no other way
  transport.onclose = () => {
    onclose?.()
    closed.resolve()
  }
  await closed.promise
  await connection.close()
  process.stdin.destroy()
}

/**
 * Stdout carries the protocol and nothing else: whoever else writes to it, a library's stray
 * `console.log` included, writes to stderr from here on.
 */
function reserveStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout)
  // The transport hears of a failed write through the stream below and ends in order; the command
  // line's own listener would exit at once and leave running programs behind.
  process.stdout.removeAllListeners('error').on('error', () => undefined)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  globalThis.console = new Console(process.stderr, process.stderr)
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      write(chunk, (error) => done(error))
    },
  })
}
