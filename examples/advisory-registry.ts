/**
 * A stand-in for the part of a package registry that `npm audit` asks, for tests and for trying gonogo
 * without a network: `node examples/advisory-registry.ts`, then set security.npm_registry to the URL it
 * prints. It knows only the advisories it is given and answers 404 for packages themselves, which npm
 * tolerates (it then cannot say which version fixes one).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** An advisory as a registry publishes it. */
export interface Advisory {
  id: number
  /** Package name. */
  name: string
  title: string
  url: string
  severity: 'info' | 'low' | 'moderate' | 'high' | 'critical'
  /** Comparators with full versions, such as `>=3.7.0 <4.17.19`; alternatives separated by `||`. */
  vulnerable_versions: string
  cwe: string[]
  cvss: { score: number; vectorString: string | null }
}

export interface AdvisoryRegistry {
  url: string
  /** What was asked so far; the body of an advisory request is the packages and their versions. */
  requests: { method: string; path: string; packages: Record<string, string[]> | null }[]
  close(): Promise<void>
}

export const lodashPrototypePollution: Advisory = {
  id: 1106920,
  name: 'lodash',
  title: 'Prototype Pollution in lodash',
  url: 'https://github.com/advisories/GHSA-p6mc-m468-83gw',
  severity: 'high',
  vulnerable_versions: '>=3.7.0 <4.17.19',
  cwe: ['CWE-770', 'CWE-1321'],
  cvss: { score: 7.4, vectorString: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H' },
}

const bulkPath = '/-/npm/v1/security/advisories/bulk'

/** Serves on a free loopback port. `refuse` answers advisory requests with 405, as some mirrors do. */
export async function startAdvisoryRegistry(
  advisories: readonly Advisory[] = [lodashPrototypePollution],
  options: { refuse?: boolean; port?: number } = {},
): Promise<AdvisoryRegistry> {
  const requests: AdvisoryRegistry['requests'] = []
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => send(response, 400, { error: 'unreadable request' }))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request
    const asked = method === 'POST' && path === bulkPath
    const packages = asked ? ((await readJson(request)) as Record<string, string[]>) : null
    requests.push({ method, path, packages })
    if (packages === null) return send(response, 404, { error: 'not found' })
    if (options.refuse === true) return send(response, 405, { error: 'method not allowed' })
    send(response, 200, matching(advisories, packages))
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function matching(advisories: readonly Advisory[], packages: Record<string, string[]>) {
  const hits = advisories.filter(({ name, vulnerable_versions }) =>
    (packages[name] ?? []).some((version) => satisfies(version, vulnerable_versions)),
  )
  return Object.groupBy(hits, ({ name }) => name)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = Buffer.concat(await request.toArray())
  const packed = request.headers['content-encoding'] === 'gzip'
  return JSON.parse((packed ? gunzipSync(body) : body).toString('utf8'))
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Enough of semver ranges for advisories; a pre-release counts as its release. */
function satisfies(version: string, range: string): boolean {
  return range.split('||').some((all) =>
    all
      .trim()
      .split(/\s+/)
      .every((comparator) => holds(version, comparator)),
  )
}

function holds(version: string, comparator: string): boolean {
  const [, operator = '', bound = ''] = /^(<=|>=|<|>|=|)(.*)$/.exec(comparator) ?? []
  if (bound === '*') return true
  const order = compare(version, bound)
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  if (operator === '>') return order > 0
  if (operator === '>=') return order >= 0
  return order === 0
}

function compare(left: string, right: string): number {
  const [lefts, rights] = [left, right].map((version) => version.split(/[.+-]/).map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (lefts?.[index] ?? 0) - (rights?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

if (import.meta.main) {
  const registry = await startAdvisoryRegistry(undefined, { port: Number(process.argv[2] ?? 0) })
  process.stdout.write(`${registry.url}\n`)
}
