import { basename, dirname } from 'node:path/posix'
import { oneLine } from '../../core/text.ts'
import type { Evidence, HealthPath, Named, Service } from './facts.ts'
import { at, items, members, readYaml, textAt } from './structured.ts'
import { inside } from './shell.ts'
import { isAside, type Tree } from './tree.ts'

export interface Containers {
  dockerfiles: Named[]
  images: Named[]
  compose: Named[]
  services: Service[]
  health: HealthPath[]
  /** Checks of containers whose path could not be read. */
  probes: Evidence[]
}

/** What Dockerfiles and compose files say. */
export async function readContainers(tree: Tree): Promise<Containers> {
  const found: Containers = {
    dockerfiles: [],
    images: [],
    compose: [],
    services: [],
    health: [],
    probes: [],
  }
  for (const path of tree.files) {
    const name = basename(path)
    if (isAside(path)) continue
    if (/^(?:Dockerfile(?:\..+|-.+)?|Containerfile|.+\.Dockerfile)$/.test(name)) {
      readDockerfile(path, (await tree.read(path)) ?? '', found)
    } else if (/^(?:docker-|podman-)?compose(?:\..+)?\.ya?ml$/.test(name)) {
      readCompose(path, (await tree.read(path)) ?? '', found, tree)
    }
  }
  return found
}

function readDockerfile(path: string, text: string, found: Containers): void {
  const ports = [...text.matchAll(/^EXPOSE[ \t]+([\w /-]{1,40})/gim)].map((match) =>
    match[1]!.trim(),
  )
  const name = ports.length > 0 ? `${path} (port ${ports.join(', ')})` : path
  found.dockerfiles.push({ name: oneLine(name, 100), evidence: { path, line: null } })
  for (const [index, line] of text.split('\n').entries()) {
    // The command of a health check often stands on the next line.
    if (!/^\s*HEALTHCHECK\b/i.test(line)) continue
    const command = text
      .split('\n')
      .slice(index, index + 4)
      .join(' ')
      .slice(0, 600)
    const evidence = { path, line: index + 1 }
    if (!addProbe(command, evidence, found)) found.probes.push(evidence)
  }
}

function readCompose(path: string, text: string, found: Containers, tree: Tree): void {
  const document = readYaml(text)[0]
  const services = members(at(document?.value, 'services')).slice(0, 60)
  if (!document) return
  for (const [name, service] of services) {
    const evidence = { path, line: document.lineOf('services', name) }
    const image = textAt(service, 'image')
    const isOwn = !isSupport(name) && buildsHere(service, path, tree)
    if (isOwn && image !== null) addImage(image, evidence, found)
    if (isOwn && !isVariant(path) && found.compose.every((known) => known.name !== path)) {
      found.compose.push({ name: path, evidence })
    }
    const roles = rolesOf(image, service)
    for (const kind of roles) found.services.push({ kind, label: oneLine(name, 60), evidence })
    if (isOwn || (roles.length === 0 && !isSupport(name))) {
      const line = document.lineOf('services', name, 'healthcheck')
      addComposeProbe(service, isOwn, { path, line }, found)
    }
  }
}

/** True when the service is built from a directory of this repository. */
function buildsHere(service: unknown, path: string, tree: Tree): boolean {
  const build = at(service, 'build')
  if (build === undefined) return false
  const context = textAt(build) ?? textAt(build, 'context') ?? '.'
  const directory = inside(dirname(path), context.replace(/^\.\/+/, ''))
  // From a folder of its own the file reaches up, which `inside` allows as far as the root.
  return directory !== null && tree.directories.has(directory)
}

/** Files that change another one, or that are for developing only. */
function isVariant(path: string): boolean {
  return /override|traefik|\bdev\b|devcontainer|debug|local|cypress|test/.test(path)
}

/** Databases, search engines and the like, also where the repository builds its own image of them. */
function isSupport(name: string): boolean {
  return /search|elastic|meili|minio|mail|rabbit|kafka|mock|^db$|database|redis|postgres|mysql|proxy|nginx|traefik/i.test(
    name,
  )
}

/** Only the repository's own service; another's health is another's path. */
function addComposeProbe(
  service: unknown,
  isOwn: boolean,
  evidence: Evidence,
  found: Containers,
): void {
  const isPublic = isOwn || isAppImage(textAt(service, 'image') ?? '')
  const test = at(service, 'healthcheck', 'test')
  const command = typeof test === 'string' ? test : items(test).map(String).join(' ')
  if (isPublic) addProbe(command.slice(0, 600), evidence, found)
}

// What its own registry account publishes is likely this repository's; official images are not.
function isAppImage(image: string): boolean {
  return /^(?:ghcr\.io|docker\.io|[\w.-]+\.[a-z]+\/)/.test(image) || image.includes('${')
}

const kinds: readonly (readonly [RegExp, Service['kind']])[] = [
  [
    /(?:^|\/)(?:postgres|postgis|mysql|mariadb|mongo|timescaledb|mssql|sqlserver|cockroach|azure-sql)/i,
    'database',
  ],
  [/(?:^|\/)(?:redis|valkey|keydb|dragonfly)/i, 'redis'],
]

/** What a service is to the release; a worker of Celery may be its clock as well. */
function rolesOf(image: string | null, service: unknown): Service['kind'][] {
  const words = textAt(service, 'command') ?? items(at(service, 'command')).map(String).join(' ')
  const celery = /\bcelery\b.{0,600}/.exec(words)?.[0] ?? ''
  const roles: Service['kind'][] = []
  if (/ worker\b/.test(celery)) roles.push('celery_worker')
  if (/ (?:beat|--beat|-B)\b/.test(celery)) roles.push('celery_beat')
  if (roles.length > 0 || image === null || at(service, 'build') !== undefined) return roles
  return kinds.filter(([pattern]) => pattern.test(image)).map(([, kind]) => kind)
}

/** The path a container's own check asks for. */
function addProbe(command: string, evidence: Evidence, found: Containers): boolean {
  const path =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[\w${}]+)?(\/[\w./~-]*)/i.exec(
      command,
    )?.[1]
  if (path === undefined || path === '/') return false
  found.health.push({ path, component: 'api', evidence, rank: 1, doubt: null })
  return true
}

export function addImage(
  image: string,
  evidence: Evidence,
  found: Pick<Containers, 'images'>,
): void {
  const name = oneLine(image.trim(), 120)
  if (name === '' || /[$\s]/.test(name)) return
  if (!found.images.some((known) => known.name === name)) found.images.push({ name, evidence })
}
