import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import type { AnyJson } from './any-json.ts'
import { mainFile, type Clinic } from './clinic.ts'
import { until } from './until.ts'

interface Message {
  id?: number
  method?: string
  result?: AnyJson
  error?: { code: number; message: string }
}

/** The server without a client in between: every byte in, every byte out. */
export interface RawServer extends AsyncDisposable {
  child: ChildProcessWithoutNullStreams
  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void
  /** Sends one message. */
  send(message: Record<string, unknown>): void
  /** Sends a request and waits for its answer. */
  request(method: string, params?: Record<string, unknown>): Promise<Message>
  /** The handshake of the era before 2026-07-28. */
  initialize(client?: string): Promise<void>
  /** Every line of stdout, parsed; fails if one is no JSON-RPC message or the last one is cut. */
  messages(): Message[]
  stderr(): string
  /** Waits for the end; fails if it does not come in time. */
  ended(withinMs?: number): Promise<{ exitCode: number | null; signal: string | null }>
}

export function spawnMcp(
  clinic: Pick<Clinic, 'root' | 'env'>,
  options: { args?: readonly string[]; preload?: string; env?: Record<string, string> } = {},
): RawServer {
  const { args = [], preload, env } = options
  const child = spawn(process.execPath, [...preloading(preload), mainFile, 'mcp', ...args], {
    cwd: clinic.root,
    env: { ...clinic.env, ...env },
    stdio: 'pipe',
  })
  return talkTo(child)
}

/** Speaks to a server that was started in whatever way. */
export function talkTo(child: ChildProcessWithoutNullStreams): RawServer {
  let stdout = ''
  let stderr = ''
  let lastId = 0
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('latin1')))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  // The server may end before everything was written to it.
  child.stdin.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const complete = () => parse(stdout.slice(0, stdout.lastIndexOf('\n') + 1))
  const send = (message: Record<string, unknown>) =>
    void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const request = async (method: string, params: Record<string, unknown> = {}) => {
    const id = (lastId += 1)
    send({ id, method, params })
    return await until(
      `the answer to ${method}; stderr: ${stderr.slice(-500)}`,
      () => complete().find((message) => message.id === id && message.method === undefined),
      20_000,
    )
  }
  return {
    child,
    write: (bytes) => void child.stdin.write(bytes),
    send,
    request,
    async initialize(client = 'raw') {
      const clientInfo = { name: client, version: '1' }
      await request('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo,
      })
      send({ method: 'notifications/initialized' })
    },
    messages: () => parse(stdout),
    stderr: () => stderr,
    async ended(withinMs = 10_000) {
      const late = AbortSignal.timeout(withinMs)
      await Promise.race([
        closed,
        new Promise((_, reject) =>
          late.addEventListener('abort', () => reject(new Error('the server did not end'))),
        ),
      ])
      return { exitCode: child.exitCode, signal: child.signalCode }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

function preloading(code: string | undefined): string[] {
  return code === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

function parse(stdout: string): Message[] {
  if (stdout !== '' && !stdout.endsWith('\n')) throw new Error(`cut: ${stdout.slice(-200)}`)
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const message = JSON.parse(line)
      if (message.jsonrpc !== '2.0') throw new Error(`not JSON-RPC: ${line.slice(0, 200)}`)
      return message
    })
}
