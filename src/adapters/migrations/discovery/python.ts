import { directoryOf, nameOf, type Candidate, type Place } from './candidate.ts'

const revisions = [/^revision\b[^=\n]*=/m, /^down_revision\b[^=\n]*=/m]
const djangoClass = /^class Migration\b/m

/** What an `alembic.ini` says about where the revisions are. */
export interface AlembicPlaces {
  /** Directories relative to the root, which are one history together. */
  locations: string[]
  /** Directories below them count as well. */
  recursive: boolean
}

/** Sets of Python files that may be revisions of Alembic. */
export function alembicCandidates(
  paths: readonly string[],
  place: Place,
  places: readonly AlembicPlaces[],
): Candidate[] {
  const python = paths.filter((path) => isModule(path))
  const told = places.map(({ locations, recursive }) => ({
    directory: commonDirectory(locations),
    paths: python.filter((path) => locations.some((one) => lies(path, one, recursive))),
  }))
  const known = new Set(told.flatMap((one) => one.paths))
  const others = python.filter((path) => !known.has(path))
  return [...told, ...foundIn(others, place)].flatMap(({ directory, paths: files }): Candidate[] =>
    files.length === 0
      ? []
      : [{ framework: 'alembic', directory, paths: files, confirm: haveRevisions }],
  )
}

/** `migrations/*.py` of each of Django's apps. */
export function djangoCandidates(paths: readonly string[], place: Place): Candidate[] {
  const python = paths.filter((path) => isModule(path) && /^[^_~]/.test(nameOf(path)))
  return [...Map.groupBy(python, directoryOf)].flatMap(([directory, files]): Candidate[] =>
    nameOf(directory) === 'migrations' || place.named
      ? [{ framework: 'django', directory, paths: files, confirm: haveDjangoClass }]
      : [],
  )
}

/** Directories called `versions`, as Alembic makes them; any directory below a named one. */
function foundIn(
  python: readonly string[],
  place: Place,
): { directory: string; paths: string[] }[] {
  const within = Map.groupBy(python, (path) => versionsAbove(path))
  const versions = [...within].flatMap(([directory, files]) => {
    if (directory === null) return []
    // Without a word to Alembic it reads no directories below; where there is nothing else, it was told.
    const direct = files.filter((path) => directoryOf(path) === directory)
    return [{ directory, paths: direct.length > 0 ? direct : files }]
  })
  if (!place.named) return versions
  const rest = Map.groupBy(within.get(null) ?? [], directoryOf)
  return [...versions, ...[...rest].map(([directory, files]) => ({ directory, paths: files }))]
}

/** The uppermost directory `versions` of a path. */
function versionsAbove(path: string): string | null {
  return /^(?:.*?\/)?versions(?=\/)/.exec(path)?.[0] ?? null
}

function lies(path: string, directory: string, recursive: boolean): boolean {
  return recursive ? path.startsWith(`${directory}/`) : directoryOf(path) === directory
}

function isModule(path: string): boolean {
  return path.endsWith('.py') && nameOf(path) !== '__init__.py'
}

function haveRevisions(texts: readonly string[]): boolean {
  return texts.some((text) => revisions.every((pattern) => pattern.test(text)))
}

function haveDjangoClass(texts: readonly string[]): boolean {
  return texts.some((text) => djangoClass.test(text))
}

function commonDirectory(directories: readonly string[]): string {
  const [first = '', ...others] = directories
  const parts = first.split('/')
  const end = parts.findIndex((part, index) =>
    others.some((other) => other.split('/')[index] !== part),
  )
  return (end === -1 ? parts : parts.slice(0, end)).join('/')
}

/** Reads `alembic.ini`, as far as it says where revisions are. */
export function readAlembicIni(text: string, path: string): AlembicPlaces | null {
  const value = (key: string) =>
    new RegExp(String.raw`^${key}[ \t]*[=:][ \t]*(.*(?:\n[ \t]+\S.*)*)`, 'm')
      .exec(text)?.[1]
      ?.trim()
  const here = directoryOf(path)
  const locations = value('version_locations')
    ?.split(/[\s,;]+|:(?=[%/.\w])/)
    .flatMap((one) => placeOf(one, here))
  const script = placeOf(value('script_location') ?? '', here)
  const found = locations?.length ? locations : script.map((one) => join(one, 'versions'))
  if (found.length === 0) return null
  return { locations: found, recursive: value('recursive_version_locations') === 'true' }
}

/** A place as it is written there, relative to the root; none for what lies outside. */
function placeOf(written: string, here: string): string[] {
  if (written === '') return []
  const inHere = written.replace(/^%\(here\)s\/?/, '')
  // `package:directory` names a directory in a Python package.
  const plain = inHere.replace(':', '/')
  const parts: string[] = []
  for (const part of join(here, plain).split('/')) {
    if (part === '..' && parts.pop() === undefined) return []
    if (!['', '.', '..'].includes(part)) parts.push(part)
  }
  return written.startsWith('/') ? [] : [parts.join('/')]
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}
