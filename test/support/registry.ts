import { createHash, randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

// A stand-in for an image registry, on a real socket. What it takes and answers follows the OCI
// specifications: distribution-spec/spec.md ("Pulling manifests", "Pulling blobs", "Error Codes"),
// image-spec/manifest.md, image-index.md and config.md, and, for signing in, "Docker Registry v2
// authentication via central service" (distribution/docs/content/spec/auth/token.md and oauth.md).

export const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.oci.image.config.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
}

export interface ImageParts {
  /** Such as `linux/arm64/v8`. */
  platform?: string
  revision?: string
  user?: string
  healthcheck?: string[]
  created?: string
  annotations?: Record<string, string>
  /** As `docker build` writes it without OCI types. */
  docker?: boolean
  configType?: string
}

export interface Stored {
  digest: string
  size: number
  type: string
  /** Of the image, for an index. */
  platform: { os: string; architecture: string; variant?: string } | null
}

/** What becomes of a request instead of its answer. */
export type Fault =
  | 'cut'
  | 'silent'
  | 'endless'
  | { status: number; headers?: Record<string, string>; body?: string }

export interface Seen {
  path: string
  authorization: string | undefined
}

export interface StandIn {
  /** Host and port. */
  host: string
  /** `open` serves everybody; `basic` and `token` want the login; a token service may take strangers. */
  access: { kind: 'open' | 'basic' | 'token'; login: string | null; identity?: string }
  /** Where tokens are said to be given; null: here. */
  realm: string | null
  push(name: string, image: ImageParts, tag?: string): Stored
  pushIndex(name: string, images: readonly (Stored | object)[], tag: string, extra?: object): Stored
  /** Any bytes under a tag. */
  pushRaw(name: string, body: string | Buffer, type: string, tag?: string): Stored
  /** Asked before each answer. */
  fault: (path: string, count: number) => Fault | undefined
  /** Added to, or put over, what is answered. */
  headers: Record<string, string | undefined>
  /** Origin that blobs are redirected to. */
  storage: string | null
  /** Requests of the API so far, and those for tokens. */
  seen: Seen[]
  tokens: { query: Record<string, string>; authorization: string | undefined; method: string }[]
  /** What no client of the specification sends. Empty at the end, or the test fails. */
  violations: string[]
  listener: RequestListener
}

interface Content {
  body: Buffer
  type: string
}

const namePattern =
  '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*'
const manifestPath = new RegExp(
  `^/v2/(${namePattern})/(manifests)/([A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$`,
)
const blobPath = new RegExp(`^/v2/(${namePattern})/(blobs)/(sha256:[0-9a-f]{64})$`)

/** One that is not listening yet: for a server of the test's own. */
export function makeRegistry(host: string): StandIn {
  const manifests = new Map<string, Content>()
  const blobs = new Map<string, Content>()
  const granted = new Map<string, string>()
  const counts = new Map<string, number>()

  const store = (name: string, body: Buffer, type: string, where = manifests): Stored => {
    const digest = digestOf(body)
    where.set(`${name}@${digest}`, { body, type })
    return { digest, size: body.length, type, platform: null }
  }
  const registry: StandIn = {
    host,
    access: { kind: 'open', login: null },
    realm: null,
    fault: () => undefined,
    headers: {},
    storage: null,
    seen: [],
    tokens: [],
    violations: [],
    push(name, image, tag) {
      const { config, platform } = configOf(image)
      const blob = store(name, config, image.docker ? types.dockerConfig : types.config, blobs)
      const body = json({
        schemaVersion: 2,
        mediaType: image.docker ? types.dockerManifest : types.manifest,
        config: { mediaType: image.configType ?? blob.type, digest: blob.digest, size: blob.size },
        layers: [],
        annotations: image.annotations,
      })
      const type = image.docker ? types.dockerManifest : types.manifest
      return { ...registry.pushRaw(name, body, type, tag), platform }
    },
    pushIndex(name, images, tag, extra = {}) {
      const entries = images.map((image) => ('type' in image ? descriptorOf(image) : image))
      const body = { schemaVersion: 2, mediaType: types.index, manifests: entries, ...extra }
      const { mediaType } = body
      return registry.pushRaw(name, json(body), mediaType, tag)
    },
    pushRaw(name, body, type, tag) {
      const bytes = Buffer.from(body)
      if (tag !== undefined) manifests.set(`${name}:${tag}`, { body: bytes, type })
      return store(name, bytes, type)
    },
    listener: (request, response) => {
      const url = new URL(request.url ?? '/', `http://${host}`)
      if (url.pathname === '/token') return void giveToken(url, request, response)
      answer(url.pathname, request, response)
    },
  }

  function answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { authorization, accept = '' } = request.headers
    registry.seen.push({ path, authorization })
    const [name, kind, wanted] = partsOf(path)
    if (request.method !== 'GET') registry.violations.push(`${request.method} ${path}`)
    if (name === '') registry.violations.push(`no path of the specification: ${path}`)
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    const fault = registry.fault(path, count)
    if (fault !== undefined) return fail(fault, response)
    if (!isAllowed(name, authorization)) return refuse(response, name)
    if (kind === 'blobs') return giveBlob(path, blobs.get(`${name}@${wanted}`), response)
    const found = manifests.get(`${name}@${wanted}`) ?? manifests.get(`${name}:${wanted}`)
    if (!found) return problem(response, 404, 'MANIFEST_UNKNOWN')
    if (!accept.includes(found.type)) registry.violations.push(`Accept: ${accept}`)
    send(response, found, registry.headers)
  }

  function giveBlob(path: string, found: Content | undefined, response: ServerResponse): void {
    if (registry.storage !== null) {
      const location = `${registry.storage}${path}?signature=abc`
      response.writeHead(307, { location }).end()
    } else if (found) send(response, found, registry.headers)
    else problem(response, 404, 'BLOB_UNKNOWN')
  }

  function isAllowed(name: string, authorization = ''): boolean {
    const { kind, login } = registry.access
    if (kind === 'open') return true
    if (kind === 'basic') return login !== null && authorization === `Basic ${base64(login)}`
    return granted.get(authorization.replace(/^Bearer /, '')) === `repository:${name}:pull`
  }

  function refuse(response: ServerResponse, name: string): void {
    const realm = registry.realm ?? `http://${registry.host}/token`
    const challenge =
      registry.access.kind === 'basic'
        ? 'Basic realm="Registry Realm"'
        : `Bearer realm="${realm}",service="stand-in",scope="repository:${name}:pull,push,delete"`
    problem(response, 401, 'UNAUTHORIZED', { 'www-authenticate': challenge })
  }

  async function giveToken(url: URL, request: IncomingMessage, response: ServerResponse) {
    const { authorization } = request.headers
    const method = request.method ?? ''
    const body = await textOf(request)
    const given = method === 'POST' ? new URLSearchParams(body) : url.searchParams
    const query = Object.fromEntries(given)
    registry.tokens.push({ query, authorization, method })
    if (query['service'] !== 'stand-in') registry.violations.push(`service: ${query['service']}`)
    const fault = registry.fault('/token', registry.tokens.length)
    if (fault !== undefined) return fail(fault, response)
    const { login, identity } = registry.access
    const known =
      method === 'POST'
        ? query['grant_type'] === 'refresh_token' && query['refresh_token'] === identity
        : authorization === undefined || authorization === `Basic ${base64(login ?? '')}`
    if (!known) return problem(response, 401, 'UNAUTHORIZED')
    const token = randomBytes(12).toString('hex')
    // A stranger gets a token, too; it opens nothing where a login is wanted.
    const opens = login === null || authorization !== undefined || method === 'POST'
    if (opens) granted.set(token, query['scope'] ?? '')
    response.setHeader('content-type', 'application/json')
    response.end(json(method === 'POST' ? { access_token: token } : { token, expires_in: 300 }))
  }

  return registry
}

/** Listens on loopback until the test is over. */
export async function startRegistry(): Promise<StandIn> {
  const server = http.createServer((request, response) => registry.listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry = makeRegistry(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    if (registry.violations.length > 0) throw new Error(registry.violations.join('; '))
  })
  return registry
}

/** Repository, `manifests` or `blobs`, and what of them; empty when it is no path of the specification. */
function partsOf(path: string): [string, string, string] {
  const [, name = '', kind = '', wanted = ''] = manifestPath.exec(path) ?? blobPath.exec(path) ?? []
  return [name, kind, wanted]
}

function configOf(image: ImageParts) {
  const [os = '', architecture = '', variant] = (image.platform ?? 'linux/amd64').split('/')
  const platform = { os, architecture, ...(variant && { variant }) }
  const config = {
    User: image.user,
    Labels: image.revision && { 'org.opencontainers.image.revision': image.revision },
    Healthcheck: image.healthcheck && { Test: image.healthcheck },
  }
  const { created } = image
  const body = { created, ...platform, config, rootfs: { type: 'layers', diff_ids: [] } }
  return { config: json(body), platform }
}

export function descriptorOf({ type, digest, size, platform }: Stored): object {
  return { mediaType: type, digest, size, ...(platform && { platform }) }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function send(response: ServerResponse, { body, type }: Content, changes: StandIn['headers']) {
  const headers = {
    'content-type': type,
    'content-length': String(body.length),
    'docker-content-digest': digestOf(body),
    ...changes,
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value)
  }
  response.end(body)
}

function problem(response: ServerResponse, status: number, code: string, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ errors: [{ code, message: 'no', detail: null }] }))
}

function fail(fault: Fault, response: ServerResponse): void {
  if (fault === 'silent') return
  if (fault === 'cut') {
    response.writeHead(200, { 'content-type': types.manifest, 'content-length': '1000' })
    response.write('{', () => response.destroy())
    return
  }
  if (fault === 'endless') {
    response.writeHead(200, { 'content-type': types.manifest })
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, 32)));
      if (!response.destroyed) response.once('drain', more)
    }
    return more()
  }
  response.writeHead(fault.status, fault.headers).end(fault.body ?? '')
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
