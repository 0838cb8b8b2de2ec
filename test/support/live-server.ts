import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** What stands in for the service of an environment: `silent` accepts a request and never answers. */
export type Mood = 'well' | 'ill' | 'silent'

/** Answers for any number of environments, each under its own path, from what is deployed there. */
export interface LiveServer {
  /** Makes `<url>/version` and `<url>/health` answer for the release in `directory`. */
  serve(name: string, directory: string): LiveService
  close(): Promise<void>
}

export interface LiveService {
  url: string
  mood: Mood
  /** Reported whatever is deployed; null: what `current` points to. */
  claims: string | null
  /** `METHOD /path` of every request so far. */
  requests: string[]
}

export async function startLiveServer(): Promise<LiveServer> {
  const services = new Map<string, LiveService & { directory: string }>()
  const server = createServer((request, response) => {
    const [, name = '', endpoint] = (request.url ?? '').split('/')
    const service = services.get(name)
    service?.requests.push(`${request.method} /${endpoint}`)
    if (service?.mood === 'silent') return
    void respond(response, service, endpoint)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    serve(name, directory) {
      const url = `http://127.0.0.1:${port}/${name}`
      const service = { url, directory, mood: 'well' as Mood, claims: null, requests: [] }
      services.set(name, service)
      return service
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function respond(
  response: ServerResponse,
  service: (LiveService & { directory: string }) | undefined,
  endpoint: string | undefined,
): Promise<void> {
  const commit = service && (service.claims ?? (await deployedCommit(service.directory)))
  const well = commit !== undefined && commit !== null && service?.mood === 'well'
  response.statusCode = commit && (well || endpoint === 'version') ? 200 : 503
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ commit, status: well ? 'healthy' : 'unhealthy' }))
}

async function deployedCommit(directory: string): Promise<string | null> {
  try {
    const mark = join(directory, 'current', '.gonogo-release.json')
    return (JSON.parse(await readFile(mark, 'utf8')) as { sha: string }).sha
  } catch {
    return null
  }
}
