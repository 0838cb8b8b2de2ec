import { Client, type CallToolRequestOptions } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { AnyJson } from './any-json.ts'
import { mainFile, type Clinic } from './clinic.ts'
import { until } from './until.ts'

export const eras = ['2025-11-25', '2026-07-28'] as const
export type Era = (typeof eras)[number]

export interface McpOptions {
  era?: Era
  /** Arguments after `gonogo mcp`. */
  args?: readonly string[]
  env?: Record<string, string>
  cwd?: string
}

/** A tool's answer, taken apart. */
export interface Answer {
  isError: boolean
  text: string
  /** The first line: what the model reads first. */
  summary: string
  /** Structured content; empty for an error. */
  data: AnyJson
  /** What the text of an error carries; undefined otherwise. */
  error?: { code: string; message: string; hint: string; retryable: boolean; details: object }
}

/** The official client, connected over stdio to the built server. */
export interface McpSession extends AsyncDisposable {
  client: Client
  pid: number
  call(
    name: string,
    args?: Record<string, unknown>,
    options?: CallToolRequestOptions,
  ): Promise<Answer>
  /** Everything the server said on stderr so far. */
  stderr(): string
  /** Closes stdin and waits for the server to end. */
  close(): Promise<void>
}

export async function connectMcp(
  clinic: Pick<Clinic, 'root' | 'env'>,
  options: McpOptions = {},
): Promise<McpSession> {
  const { era = '2026-07-28', args = [], env = {}, cwd = clinic.root } = options
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [mainFile, 'mcp', ...args],
    env: { ...clinic.env, ...env },
    cwd,
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  // The client's own default is the era before 2026-07-28; a pin refuses to fall back to it.
  const mode = era === '2025-11-25' ? 'legacy' : { pin: era }
  const client = new Client(
    { name: 'test-client', version: '1.0.0' },
    { versionNegotiation: { mode } },
  )
  try {
    await client.connect(transport)
  } catch (error) {
    throw new Error(`cannot connect; the server said: ${stderr}`, { cause: error })
  }
  const close = () => client.close()
  return {
    client,
    pid: transport.pid ?? -1,
    stderr: () => stderr,
    close,
    [Symbol.asyncDispose]: close,
    call: async (name, input = {}, callOptions = {}) =>
      answerOf(await client.callTool({ name, arguments: input }, callOptions)),
  }
}

function answerOf(result: Awaited<ReturnType<Client['callTool']>>): Answer {
  const [content] = result.content
  if (content?.type !== 'text' || result.content.length !== 1) {
    throw new Error(`expected one text: ${JSON.stringify(result)}`)
  }
  const { text } = content
  const isError = result.isError === true
  const summary = text.split('\n')[0] ?? ''
  const data = (result.structuredContent ?? {}) as AnyJson
  if (!isError) return { isError, text, summary, data }
  return { isError, text, summary, data, error: JSON.parse(text.split('\n').at(-1)!).error }
}

/** Polls `get_deployment_status` until the deployment has ended; resolves to the last answer. */
export async function statusAtEnd(
  session: Pick<McpSession, 'call'>,
  deploymentId: string,
): Promise<AnyJson> {
  return await until(`${deploymentId} to end`, async () => {
    const { data } = await session.call('get_deployment_status', { deployment_id: deploymentId })
    return data['deployment'].phase === 'ended' && data
  })
}
