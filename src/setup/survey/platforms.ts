import { basename } from 'node:path/posix'
import { parse as parseToml } from 'smol-toml'
import { oneLine } from '../../core/text.ts'
import { addImage } from './containers.ts'
import type { Command, Evidence, HealthPath, Named, NamedEnvironment } from './facts.ts'
import { readScript } from './shell.ts'
import { at, items, lineOfMatch, members, readYaml, textAt, type Structured } from './structured.ts'
import { isAside, type Tree } from './tree.ts'

export interface Platforms {
  platforms: Named[]
  health: HealthPath[]
  environments: NamedEnvironment[]
  images: Named[]
}

type Reader = (path: string, text: string, found: Platforms) => void

const readers: readonly (readonly [RegExp, string, Reader])[] = [
  [/(?:^|\/)fly(?:\.[\w-]+)?\.toml$/, 'Fly.io', readFly],
  [/(?:^|\/)render\.ya?ml$/, 'Render', readRender],
  [/(?:^|\/)config\/deploy(?:\.[\w-]+)?\.ya?ml$/, 'Kamal', readKamal],
  [
    /(?:^|\/)(?:k8s|kubernetes|manifests|helm|charts|deploy|deployment)\/.*\.ya?ml$/,
    'Kubernetes',
    readKubernetes,
  ],
  [/(?:^|\/)railway\.(?:json|toml)$/, 'Railway', readRailway],
  [/^Procfile$/, 'Procfile', () => undefined],
  [/^app\.json$/, 'Heroku', () => undefined],
  [/^netlify\.toml$/, 'Netlify', () => undefined],
  [/^vercel\.json$/, 'Vercel', () => undefined],
  [/^azure\.yaml$/, 'Azure Developer CLI', () => undefined],
]

/** What the files of hosting platforms say. */
export async function readPlatforms(tree: Tree): Promise<Platforms> {
  const found: Platforms = { platforms: [], health: [], environments: [], images: [] }
  for (const path of tree.files) {
    const reader = readers.find(([pattern]) => pattern.test(path))
    if (!reader || isAside(path)) continue
    const text = await tree.read(path)
    const before = found.platforms.length
    if (text !== null) reader[2](path, text, found)
    const isNew = !found.platforms.some(({ name }) => name === reader[1])
    if (isNew && (before < found.platforms.length || !selective.has(reader[1]))) {
      found.platforms.push({ name: reader[1], evidence: { path, line: null } })
    }
  }
  found.platforms = found.platforms.filter(({ name }) => name !== '')
  return found
}

/** Platforms whose files have to prove that they are theirs. */
const selective = new Set(['Kubernetes', 'Kamal'])

function isTheirs(found: Platforms, path: string): void {
  found.platforms.push({ name: '', evidence: { path, line: null } })
}

function health(path: unknown, evidence: Evidence, found: Platforms): void {
  if (typeof path !== 'string' || !/^\/(?!\/)[\w./~-]+$/.test(path) || path === '/') return
  found.health.push({ path, component: 'api', evidence, rank: 0, doubt: null })
}

/** The environment a file like `fly.staging.toml` or `deploy.staging.yml` is about. */
function suffixOf(path: string): string {
  return /^(?:fly|deploy)\.([\w-]+)\.\w+$/.exec(basename(path))?.[1] ?? 'production'
}

function readFly(path: string, text: string, found: Platforms): void {
  const value = tomlOf(text)
  const checks = [
    at(value, 'http_service', 'checks'),
    ...items(at(value, 'services')).map((service) => at(service, 'http_checks')),
    members(at(value, 'checks')).map(([, check]) => check),
  ]
  const line = lineOfMatch(text, /^\s*path\s*=/m)
  for (const check of checks.flatMap(items)) health(at(check, 'path'), { path, line }, found)
  const app = textAt(value, 'app')
  if (app === null || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(app)) return
  const evidence = { path, line: lineOfMatch(text, /^\s*app\s*=/m) }
  found.environments.push({ name: suffixOf(path), url: `https://${app}.fly.dev`, evidence })
}

function tomlOf(text: string): unknown {
  try {
    return parseToml(text)
  } catch {
    return null
  }
}

function readRender(path: string, text: string, found: Platforms): void {
  const document = readYaml(text)[0]
  for (const [index, service] of items(at(document?.value, 'services')).entries()) {
    const line = (key: string) => document!.lineOf('services', index, key)
    health(at(service, 'healthCheckPath'), { path, line: line('healthCheckPath') }, found)
    const name = textAt(service, 'name')
    if (textAt(service, 'type') !== 'web' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name ?? '')) continue
    const evidence = { path, line: line('name') }
    const environment = /stag/.test(name!) ? 'staging' : 'production'
    found.environments.push({ name: environment, url: `https://${name}.onrender.com`, evidence })
  }
}

function readKamal(path: string, text: string, found: Platforms): void {
  // Templates are rendered by Ruby; what they say is not known without it.
  const document = text.includes('<%') ? undefined : readYaml(text)[0]
  if (!/^(?:service|proxy|servers):/m.test(text)) return
  isTheirs(found, path)
  if (!document) return
  const { value, lineOf } = document
  const image = textAt(value, 'image')
  if (image !== null) addImage(image, { path, line: lineOf('image') }, found)
  const probe = at(value, 'proxy', 'healthcheck', 'path')
  health(probe, { path, line: lineOf('proxy', 'healthcheck', 'path') }, found)
  const host = textAt(value, 'proxy', 'host') ?? ''
  if (!/^[\w-]+(?:\.[\w-]+)+$/.test(host)) return
  const scheme = at(value, 'proxy', 'ssl') === true ? 'https' : 'http'
  const evidence = { path, line: lineOf('proxy', 'host') }
  found.environments.push({ name: suffixOf(path), url: `${scheme}://${host}`, evidence })
}

function readKubernetes(path: string, text: string, found: Platforms): void {
  for (const document of text.includes('{{') ? [] : readYaml(text)) {
    if (textAt(document.value, 'apiVersion') === null) continue
    isTheirs(found, path)
    const containers = items(at(document.value, 'spec', 'template', 'spec', 'containers'))
    for (const [index, container] of containers.entries()) {
      readContainer(container, index, document, path, found)
    }
  }
}

function readContainer(
  container: unknown,
  index: number,
  { lineOf }: Structured,
  path: string,
  found: Platforms,
): void {
  for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe']) {
    const keys = [
      'spec',
      'template',
      'spec',
      'containers',
      index,
      probe,
      'httpGet',
      'path',
    ] as const
    health(at(container, probe, 'httpGet', 'path'), { path, line: lineOf(...keys) }, found)
  }
}

function readRailway(path: string, text: string, found: Platforms): void {
  const value = path.endsWith('.toml') ? tomlOf(text) : readYaml(text)[0]?.value
  const evidence = { path, line: lineOfMatch(text, /healthcheckPath/) }
  health(at(value, 'deploy', 'healthcheckPath'), evidence, found)
}

/** The release phase of a Procfile: what runs once for a release before it serves. */
export async function readRelease(tree: Tree): Promise<Command | null> {
  const lines = ((await tree.read('Procfile')) ?? '').split('\n')
  const index = lines.findIndex((line) => line.startsWith('release:'))
  const command = readScript(lines[index]?.slice('release:'.length) ?? '', '.')[0]?.commands?.[0]
  if (!command) return null
  return { ...command, kind: 'build', evidence: { path: 'Procfile', line: index + 1 } }
}

/** Names of variables only: beside them stand values, and some are real. */
export async function readVariables(
  tree: Tree,
): Promise<{ names: string[]; evidence: Evidence }[]> {
  const found: { names: string[]; evidence: Evidence }[] = []
  for (const path of tree.files) {
    if (
      !/^\.?env\.(?:example|sample|template|dist|defaults)$/.test(basename(path)) ||
      isAside(path)
    )
      continue
    const text = (await tree.read(path)) ?? ''
    const names = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{0,79})=/gm)].map(
      (match) => match[1]!,
    )
    if (names.length === 0) continue
    found.push({
      names: [...new Set(names)].map((name) => oneLine(name, 80)),
      evidence: { path, line: null },
    })
  }
  return found
}
