import { Console } from 'node:console'
import { PassThrough, Writable, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { answerHandshake, answerOf, type Handshake } from './handshake.ts'
import type { McpOptions } from './server.ts'

/** No handshake is nearly as long; what is longer is left to the SDK, which has limits of its own. */
const longestHandshake = 64 * 1024

/** Takes in that much and a chunk more before anybody reads it: else stdin would stop short of it. */
const room = 8 * longestHandshake

/**
 * Serves MCP on stdin and stdout until the client closes either of them or `stop` aborts. The
 * handshake is answered at once; everything from its message on is handed to the SDK, which is loaded
 * then and whose own answer to it is dropped.
 */
export async function serveMcpOverStdio(options: McpOptions, stop: AbortSignal): Promise<void> {
  const { stdin } = process
  const closed = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  for (const event of ['end', 'close', 'error']) stdin.once(event, () => left.resolve())
  stop.addEventListener('abort', () => closed.resolve(), { once: true })
  const stdout = reserveStdout()
  const firstLine = lineOf(stdin, Promise.race([left.promise, closed.promise]))
  const input = stdin.pipe(new PassThrough({ highWaterMark: room }))
  // What was sent before the client left is still read, so the end is the end of what was handed on.
  input.once('end', closed.resolve)
  void left.promise.then(() => input.end())
  // Loading the SDK holds everything else up, so nothing is loaded before the client was answered.
  const early = { handshake: answerHandshake(await firstLine, options.version) }
  if (early.handshake) stdout(early.handshake.text, () => undefined)
  const { openConnection } = await import('./connection.ts')
  const connection = openConnection(options, input, protocolOutput(stdout, early), closed.resolve)
  await closed.promise
  await connection.close()
  stdin.destroy()
}

/** The first line, or what came before the stream ended; whoever else reads it gets all of it, too. */
export async function lineOf(stream: Readable, ended: Promise<void>): Promise<string> {
  const line = Promise.withResolvers<void>()
  // A character may come in two pieces, also one of the id that the answer has to repeat.
  const decoder = new StringDecoder('utf8')
  let text = ''
  const look = (chunk: Buffer) => {
    text += decoder.write(chunk)
    if (text.includes('\n') || text.length > longestHandshake) line.resolve()
  }
  stream.on('data', look)
  await Promise.race([line.promise, ended])
  stream.off('data', look)
  return text.split('\n', 1)[0] ?? ''
}

type Write = (chunk: Uint8Array | string, done: (error?: Error | null) => void) => void

/**
 * Stdout carries the protocol and nothing else: whoever else writes to it, a library's stray
 * `console.log` included, writes to stderr from here on.
 */
function reserveStdout(): Write {
  const write = process.stdout.write.bind(process.stdout)
  // The transport hears of a failed write through its stream and ends in order; the command line's own
  // listener might exit at once and leave running programs behind.
  process.stdout.removeAllListeners('error').on('error', () => undefined)
  // A client need not read what is meant for people.
  process.stderr.on('error', () => undefined)
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
