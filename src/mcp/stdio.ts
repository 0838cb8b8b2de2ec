import { Console } from 'node:console'
import { PassThrough, Writable, type Readable } from 'node:stream'
import { answerHandshake, answerOf, type Handshake } from './handshake.ts'
import type { McpOptions } from './server.ts'

/** No handshake is nearly as long; what is longer is left to the SDK, which has limits of its own. */
const longestHandshake = 64 * 1024

/**
 * Serves MCP on stdin and stdout until the client closes either of them or `stop` aborts. The
 * handshake is answered at once; everything from its message on is handed to the SDK, which is loaded
 * meanwhile and whose own answer to it is dropped.
 */
export async function serveMcpOverStdio(options: McpOptions, stop: AbortSignal): Promise<void> {
  const closed = Promise.withResolvers<void>()
  process.stdin.once('end', closed.resolve)
  process.stdin.once('close', closed.resolve)
  process.stdin.once('error', () => closed.resolve())
  stop.addEventListener('abort', () => closed.resolve(), { once: true })
  const early: { handshake: Handshake | null } = { handshake: null }
  const stdout = reserveStdout()
  onFirstLine(process.stdin, (line) => {
    early.handshake = answerHandshake(line, options.version)
    if (early.handshake) stdout(early.handshake.text, () => undefined)
  })
  const input = process.stdin.pipe(new PassThrough())
  const { openConnection } = await import('./connection.ts')
  const connection = openConnection(options, input, protocolOutput(stdout, early), closed.resolve)
  await closed.promise
  await connection.close()
  process.stdin.destroy()
}

/** Calls back once with the first line, while the stream goes on to whoever else reads it. */
function onFirstLine(stream: Readable, callback: (line: string) => void): void {
  let text = ''
  const look = (chunk: Buffer) => {
    text += chunk.toString('utf8')
    const end = text.indexOf('\n')
    if (end < 0 && text.length < longestHandshake) return
    stream.off('data', look)
    if (end >= 0) callback(text.slice(0, end))
  }
  stream.on('data', look)
}

type Write = (chunk: Uint8Array | string, done: (error?: Error | null) => void) => void

/**
 * Stdout carries the protocol and nothing else: whoever else writes to it, a library's stray
 * `console.log` included, writes to stderr from here on.
 */
function reserveStdout(): Write {
  const write = process.stdout.write.bind(process.stdout)
  // The transport hears of a failed write through its stream and ends in order; the command line's own
  // listener would exit at once and leave running programs behind.
  process.stdout.removeAllListeners('error').on('error', () => undefined)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  globalThis.console = new Console(process.stderr, process.stderr)
  return (chunk, done) => void write(chunk, done)
}

/** What the SDK writes to. Its answer to a handshake that was answered before goes nowhere. */
function protocolOutput(write: Write, early: { handshake: Handshake | null }): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (early.handshake === null) return write(chunk, done)
      const answer = answerOf(Buffer.from(chunk).toString('utf8'))
      if (answer?.id !== early.handshake.id) return write(chunk, done)
      early.handshake = null
      if (answer.refused) process.stderr.write('gonogo mcp: a client opened in an unexpected way\n')
      done()
    },
  })
}
