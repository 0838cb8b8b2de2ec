import { done, notDone, type DrillOptions, type Seen } from './step.ts'

const timeoutMs = 20_000

/** A client's first words. The server answers them before it notices that the client has left. */
const greeting = [
  {
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'gonogo-drill', version: '1' },
    },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/list', params: {} },
]

interface Answer {
  id?: number
  result?: { serverInfo?: { version?: string }; tools?: unknown[] }
}

/** Starts the server as a client would, and asks for its tools. */
export async function serverAnswers(options: DrillOptions): Promise<Seen> {
  const { processes, command, directory, env } = options
  const argv = [...command, 'mcp', '--project', directory]
  const input = greeting.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const own = Object.entries(env).filter((entry): entry is [string, string] => entry[1] != null)
  const result = await processes.run(argv, {
    input: input.join(''),
    timeoutMs,
    cwd: directory,
    env: Object.fromEntries(own),
  })
  const answers = Buffer.from(result.stdout).toString().split('\n').flatMap(parsed)
  const tools = answers.find(({ id }) => id === 2)?.result?.tools ?? []
  const version = answers.find(({ id }) => id === 1)?.result?.serverInfo?.version
  if (tools.length > 0) return done(`gonogo ${version} offers ${tools.length} tools to a client`)
  const said = Buffer.from(result.stderr).toString().trim().split('\n').at(-1) ?? ''
  const why = result.timedOut ? `it did not answer within ${timeoutMs / 1000} s` : said
  return notDone(why === '' ? 'it listed no tools' : why, 'gonogo mcp, and read what it says')
}

function parsed(line: string): Answer[] {
  try {
    return [JSON.parse(line) as Answer]
  } catch {
    return []
  }
}
