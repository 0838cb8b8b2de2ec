import { createHash } from 'node:crypto'
import { Failure } from '../../core/failure.ts'
import type { MigrationFramework } from '../../core/migration.ts'
import { oneLine } from '../../core/text.ts'
import type { MigrationsWanted } from '../../ports/migrations.ts'
import type { Source } from '../../ports/source.ts'
import { nameOf, pathsAt, type Candidate, type Place } from './discovery/candidate.ts'
import {
  alembicCandidates,
  djangoCandidates,
  readAlembicIni,
  type AlembicPlaces,
} from './discovery/python.ts'
import { upPart } from './discovery/sections.ts'
import { plainCandidate, sqlCandidates } from './discovery/sql.ts'

/** One directory of migrations, as it stands in a commit. */
export interface FoundSet {
  framework: MigrationFramework
  /** Slash-separated, relative to the root. */
  directory: string
  /** For SQL in the order in which they are applied. */
  files: FoundFile[]
}

export interface FoundFile {
  path: string
  /** The way up; of a file that holds both ways the rest is blank, so that lines keep their numbers. */
  text: string
  /** SHA-256 of the file's bytes, in hex. */
  digest: string
}

/**
 * The migrations of a commit, told by names first; only what may be one is read. Fails with
 * `invalid_configuration` when a directory that was named holds none.
 */
export async function findSets(
  source: Pick<Source, 'paths' | 'files' | 'readFile'>,
  sha: string,
  wanted: MigrationsWanted,
): Promise<FoundSet[]> {
  const all = await source.paths(sha)
  const places = placesOf(wanted)
  const alembic = await alembicPlaces(source, sha, pathsAt(all, { root: '', named: false }))
  const looks = places.map((place) => ({
    place,
    candidates: candidatesAt(pathsAt(all, place), place, alembic),
  }))
  const read = await readAll(source, sha, looks)
  wanted.signal?.throwIfAborted()
  const found = looks.flatMap(({ place, candidates }) => {
    const sets = chosen(candidates, read, wanted.framework)
    if (sets.length === 0 && place.named) throw nothingAt(place.root, sha)
    return sets
  })
  const unique = new Map(found.map((set) => [`${set.framework} ${set.directory}`, set]))
  return [...unique.values()].toSorted((one, other) => (one.directory < other.directory ? -1 : 1))
}

function placesOf({ paths }: MigrationsWanted): Place[] {
  if (paths.length === 0) return [{ root: '', named: false }]
  return paths.map((path) => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    return { root: parts.join('/'), named: true }
  })
}

interface Candidates {
  /** Told by how they look. */
  likely: Candidate[]
  /** What a named directory holds when nothing looks like anything. */
  otherwise: Candidate | null
}

function candidatesAt(
  paths: readonly string[],
  place: Place,
  alembic: readonly AlembicPlaces[],
): Candidates {
  return {
    likely: [
      ...alembicCandidates(paths, place, alembic),
      ...djangoCandidates(paths, place),
      ...sqlCandidates(paths, place),
    ],
    otherwise: place.named ? plainCandidate(paths, place.root) : null,
  }
}

async function alembicPlaces(
  source: Pick<Source, 'readFile'>,
  sha: string,
  paths: readonly string[],
): Promise<AlembicPlaces[]> {
  const places: AlembicPlaces[] = []
  for (const path of paths.filter((one) => nameOf(one) === 'alembic.ini')) {
    const content = await source.readFile(sha, path)
    const place = content && readAlembicIni(new TextDecoder().decode(content), path)
    if (place) places.push(place)
  }
  return places
}

/** The contents of everything that may be a migration, in one pass. */
async function readAll(
  source: Pick<Source, 'files' | 'readFile'>,
  sha: string,
  looks: readonly { candidates: Candidates }[],
): Promise<Map<string, FoundFile>> {
  const wanted = new Set(
    looks.flatMap(({ candidates: { likely, otherwise } }) =>
      [...likely, ...(otherwise ? [otherwise] : [])].flatMap(({ paths }) => paths),
    ),
  )
  const files = new Map<string, FoundFile>()
  if (wanted.size === 0) return files
  for await (const { path, content } of source.files(sha, (one) => wanted.has(one))) {
    const bytes = content ?? (await source.readFile(sha, path))
    if (bytes === null) throw notThere(path, sha)
    const digest = createHash('sha256').update(bytes).digest('hex')
    files.set(path, { path, text: new TextDecoder().decode(bytes), digest })
  }
  return files
}

function chosen(
  { likely, otherwise }: Candidates,
  read: ReadonlyMap<string, FoundFile>,
  framework: MigrationFramework | null,
): FoundSet[] {
  const sets = likely.flatMap((candidate) => {
    const set = setOf(candidate, read)
    const texts = set.files.map(({ text }) => text)
    const fits = framework === null || framework === candidate.framework
    return fits && (candidate.confirm?.(texts) ?? true) ? [set] : []
  })
  if (sets.length > 0 || !otherwise || !isSql(framework)) return sets
  return [setOf({ ...otherwise, framework: framework ?? otherwise.framework }, read)]
}

function isSql(framework: MigrationFramework | null): boolean {
  return framework !== 'alembic' && framework !== 'django'
}

function setOf(
  { framework, directory, paths }: Candidate,
  read: ReadonlyMap<string, FoundFile>,
): FoundSet {
  const sections = framework === 'sql' || framework === 'rails'
  const files = paths.flatMap((path) => {
    const file = read.get(path)
    if (!file) return []
    return [sections ? { ...file, text: upPart(file.text, file.path) } : file]
  })
  return { framework, directory, files }
}

/** A file that cannot be read is no empty one. */
function notThere(path: string, sha: string): Failure {
  return new Failure({
    code: 'source_unavailable',
    message: `the content of ${oneLine(path)} in ${sha.slice(0, 12)} cannot be read`,
    hint: 'fetch the commit with all of its files, then ask again',
  })
}

function nothingAt(path: string, sha: string): Failure {
  const shown = oneLine(path === '' ? '.' : path)
  return new Failure({
    code: 'invalid_configuration',
    message: `migrations.paths: ${shown} holds no migrations in ${sha.slice(0, 12)}`,
    hint: 'correct migrations.paths in gonogo.yaml, or remove it so that migrations are looked for',
  })
}
