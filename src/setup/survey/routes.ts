import { basename, extname } from 'node:path/posix'
import type { Evidence, HealthPath } from './facts.ts'
import { componentOf, isVersionPath } from './health-words.ts'
import { isAside, type Tree } from './tree.ts'

export interface Routes {
  health: HealthPath[]
  version: { path: string; evidence: Evidence }[]
}

const quote = `["'\`]`
const literal = String.raw`${quote}(?:(?:GET|HEAD) )?(\^?/?[\w./~-]{1,80}\$?)${quote}`

/** How each language says that a path is served. The path is the first group. */
const javascript = [
  String.raw`\.(?:get|all|use|head|route)\(\s*${literal}`,
  String.raw`@(?:Get|All|Controller)\(\s*${literal}`,
  String.raw`\burl:\s*${literal}`,
]
const python = [
  String.raw`@\w+(?:\.\w+)*\.(?:get|route|api_route)\(\s*${literal}`,
  String.raw`\b(?:path|re_path|url)\(\s*r?${literal}`,
  String.raw`\badd_(?:route|url_rule|api_route)\(\s*(?:${quote}[\w.-]+${quote},\s*)?${literal}`,
  String.raw`\b(?:Route|Mount)\(\s*${literal}`,
]
const java = [
  String.raw`@(?:Get|Request)Mapping\(\s*(?:(?:value|path)\s*=\s*)?\{?\s*${literal}`,
  String.raw`@Path\(\s*${literal}`,
  String.raw`\bget\(\s*${literal}`,
]
const byExtension: Record<string, readonly RegExp[]> = Object.fromEntries(
  Object.entries({
    '.js .mjs .cjs .jsx .ts .mts .cts .tsx': javascript,
    '.py': python,
    '.rb': [String.raw`^\s*(?:get|match|mount)[ (]\s*${literal}`],
    '.go': [String.raw`\.(?:GET|Get|Any|Handle|HandleFunc|HandlerFunc)\(\s*${literal}`],
    '.rs': [
      String.raw`\.(?:route|at|nest)\(\s*${literal}`,
      String.raw`#\[get\(\s*${literal}`,
      String.raw`\bweb::(?:resource|scope)\(\s*${literal}`,
    ],
    '.java .kt .scala': java,
    '.cs': [
      String.raw`\b(?:MapHealthChecks|UseHealthChecks|MapGet)\(\s*${literal}`,
      String.raw`\[(?:Route|HttpGet)\(\s*${literal}`,
    ],
    '.php': [
      String.raw`\bRoute::(?:get|any|view)\(\s*${literal}`,
      String.raw`\bhealth:\s*${literal}`,
      String.raw`#\[Route\(\s*${literal}`,
    ],
    '.ex .exs': [String.raw`^\s*(?:get|forward|match)[ (]\s*${literal}`],
  }).flatMap(([extensions, patterns]) =>
    extensions
      .split(' ')
      .map((extension) => [extension, patterns.map((pattern) => new RegExp(pattern, 'g'))]),
  ),
)

// Cheap, and most files fall through here.
const worthReading = /health|heartbeat|live[sz]?|ready|\bup\b|ping|alive|version|build-?info/i

/** Paths that the code serves, as far as a literal says so. */
export async function readRoutes(tree: Tree): Promise<Routes> {
  const routes: Routes = { health: [], version: [] }
  const paths = tree.files.filter((path) => !isAside(path) && !isGenerated(path))
  for (const path of paths) fromFileName(path, routes)
  const code = paths.filter((path) => byExtension[extname(path)])
  for (let start = 0; start < code.length; start += together) {
    const batch = code.slice(start, start + together)
    const texts = await Promise.all(batch.map((path) => tree.read(path)))
    for (const [index, path] of batch.entries()) {
      const text = texts[index] ?? ''
      if (worthReading.test(text)) fromText(path, text, byExtension[extname(path)]!, routes)
    }
  }
  return routes
}

// Files read at the same time: waiting for the disk is most of the work.
const together = 32

function isGenerated(path: string): boolean {
  return (
    /(?:^|\/)(?:locales?|lang|i18n|migrations?|assets|static|public|client|clients|generated|sdk|scripts?)\//i.test(
      path,
    ) || /(?:\.min\.js|\.d\.ts|\.gen\.\w+|\.config\.\w+)$/.test(basename(path))
  )
}

/** Frameworks whose routes are files. */
function fromFileName(path: string, routes: Routes): void {
  const found =
    /(?:^|\/)app\/(.+)\/route\.[jt]sx?$/.exec(path)?.[1] ??
    /(?:^|\/)pages\/(api\/.+?)(?:\/index)?\.[jt]sx?$/.exec(path)?.[1] ??
    /(?:^|\/)routes\/(.+)\/\+server\.[jt]s$/.exec(path)?.[1] ??
    /(?:^|\/)server\/((?:api|routes)\/.+?)(?:\.get)?\.[jt]s$/
      .exec(path)?.[1]
      ?.replace(/^routes\//, '')
  if (found === undefined) return
  const groups = found.split('/').filter((part) => !/^[(@]/.test(part))
  add(`/${groups.join('/')}`, { path, line: null }, routes, null)
}

function fromText(path: string, text: string, patterns: readonly RegExp[], routes: Routes): void {
  for (const [index, line] of text.split('\n').entries()) {
    // Minified code is nobody's source, and a long line would cost each pattern its length.
    if (line.length > 400 || !worthReading.test(line) || isComment(line)) continue
    for (const pattern of patterns) {
      for (const match of line.matchAll(pattern)) {
        add(normal(match[1] ?? ''), { path, line: index + 1 }, routes, doubtOf(path, line, text))
      }
    }
  }
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|#(?!\[)|\*|--|"""|\/\*)/.test(line)
}

function normal(path: string): string {
  return `/${path.replace(/^\^?\/?/, '').replace(/\$$/, '')}`
}

/** A router that is mounted somewhere else serves its paths below a prefix that nobody sees here. */
function doubtOf(path: string, line: string, text: string): string | null {
  if (/\brouter\b/i.test(line) && !/^(?:app|server)\b/.test(line.trim())) {
    return 'its router may be mounted below a prefix'
  }
  if (/@Get\(/.test(line) || /\bRequestMapping\(/.test(text))
    return 'its controller may add a prefix'
  const isIncluded = path.endsWith('urls.py') && path.split('/').length > 2
  return isIncluded ? 'its urls may be included below a prefix' : null
}

function add(path: string, evidence: Evidence, routes: Routes, doubt: string | null): void {
  if (isVersionPath(path)) routes.version.push({ path, evidence })
  const component = componentOf(path)
  if (component === null) return
  routes.health.push({ path, component, evidence, rank: doubt === null ? 3 : 5, doubt })
}
