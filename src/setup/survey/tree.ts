import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path/posix'

/** The files of a repository, within limits that a hostile tree cannot exceed. */
export interface Tree {
  /** Relative paths, shallow ones first. */
  files: readonly string[]
  /** Directories that hold files; `.` is the root. */
  directories: ReadonlySet<string>
  has(path: string): boolean
  /** Text of a file; null when it is missing, too large or no text. */
  read(path: string): Promise<string | null>
  /** Remembers a file that says something about the set-up and cannot be read. */
  missed(path: string): void
  /** What was left out because of a limit or a mistake in a file, in words. */
  limits(): string[]
}

export interface TreeLimits {
  depth: number
  files: number
  fileBytes: number
  totalBytes: number
}

const usual: TreeLimits = {
  depth: 12,
  files: 20_000,
  fileBytes: 256 * 1024,
  totalBytes: 48 * 1024 * 1024,
}

// What others wrote, what a build made, and what a run left behind.
const skipped = new Set(
  `node_modules bower_components vendor dist build out target obj coverage tmp log logs storage
  __pycache__ venv env site-packages Pods deps _build third_party htmlcov`.split(/\s+/),
)

/** Reads the names of the tree; links are never followed, so nothing outside is reached. */
export async function readTree(root: string, limits: TreeLimits = usual): Promise<Tree> {
  const files: string[] = []
  const said = new Set<string>()
  const waiting = [{ path: '', depth: 0 }]
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if (files.length >= limits.files) break
    const { path, depth } = next
    for (const entry of await entriesOf(join(root, path))) {
      const below = join(path, entry.name)
      if (entry.isFile()) files.push(below)
      if (!entry.isDirectory() || isSkipped(entry.name)) continue
      if (depth < limits.depth) waiting.push({ path: below, depth: depth + 1 })
      else said.add(`directories more than ${limits.depth} deep were not read`)
    }
  }
  if (files.length >= limits.files) said.add(`only the first ${limits.files} files were looked at`)
  return treeOf(root, files.slice(0, limits.files), limits, said)
}

function treeOf(root: string, files: string[], limits: TreeLimits, said: Set<string>): Tree {
  const known = new Set(files)
  let budget = limits.totalBytes
  return {
    files,
    directories: new Set(files.flatMap(parents)),
    has: (path) => known.has(path),
    async read(path) {
      if (!known.has(path)) return null
      if (budget <= 0) {
        said.add(`only the first ${limits.totalBytes} bytes were read`)
        return null
      }
      const text = await readSmall(join(root, path), limits.fileBytes)
      budget -= text?.length ?? 0
      return text
    },
    missed: (path) => void (said.size < 20 && said.add(`${path} could not be read`)),
    limits: () => [...said],
  }
}

function parents(path: string): string[] {
  const directory = dirname(path)
  return directory === '.' ? ['.'] : [directory, ...parents(directory)]
}

async function entriesOf(directory: string) {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

function isSkipped(name: string): boolean {
  return skipped.has(name) || (name.startsWith('.') && !['.github', '.kamal'].includes(name))
}

/** A pipe would wait for ever, a link leads elsewhere, and a huge file says nothing about set-up. */
async function readSmall(path: string, most: number): Promise<string | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null)
  if (!file) return null
  try {
    const facts = await file.stat()
    if (!facts.isFile() || facts.size > most) return null
    const text = await file.readFile('utf8')
    return text.includes('\0') ? null : text
  } catch {
    return null
  } finally {
    await file.close()
  }
}

/** True for code and settings that no release runs: tests, documentation, examples. */
export function isAside(path: string): boolean {
  return (
    /(?:^|\/)(?:tests?|spec|specs|__tests__|__mocks__|e2e|cypress|docs?|examples?|samples?|fixtures?|mocks?|testdata|benches|benchmarks?|stories|demo)\//i.test(
      path,
    ) || /(?:[._-](?:test|spec|tests)|Tests?)\.\w+$|(?:^|\/)test_[^/]*$/.test(path)
  )
}
