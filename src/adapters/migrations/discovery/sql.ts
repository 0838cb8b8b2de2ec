import { directoryOf, inNumberOrder, nameOf, type Candidate, type Place } from './candidate.ts'
import { hasSections } from './sections.ts'

const numbered = /^\d+(?:[._-].*)?\.sql$/i
const wayBack = /[._-](?:down|undo|rollback)\.sql$/i
const timestamp = /^\d{12,}/
const flyway = /^(?:V\d+(?:[._]\d+)*|R)__.+\.sql$/
const ownFolder = /^\d+(?:-\d+)*(?:_.*)?$/
const migrationFolder = /^(?:.*[-_.])?(?:migrations?|migrate)$/i

/** Sets of SQL files whose names follow a tool that applies them. */
export function sqlCandidates(paths: readonly string[], place: Place): Candidate[] {
  const sql = paths.filter((path) => /\.sql$/i.test(path))
  const flat = [...Map.groupBy(sql, directoryOf)].flatMap(([directory, files]) => [
    ...flywayIn(directory, files),
    ...numberedIn(directory, files, { place, journal: hasJournal(paths, directory) }),
  ])
  return [...flat, ...foldersOf(sql, 'migration.sql', place), ...foldersOf(sql, 'up.sql', place)]
}

/** Every file of a named directory in order, whatever the names: whoever named it knows. */
export function plainCandidate(paths: readonly string[], root: string): Candidate | null {
  const files = paths.filter(
    (path) =>
      directoryOf(path) === root && /\.sql$/i.test(path) && !wayBack.test(path) && !isUndo(path),
  )
  if (files.length === 0) return null
  return { framework: 'sql', directory: root, paths: files.toSorted(byName), confirm: null }
}

function flywayIn(directory: string, files: readonly string[]): Candidate[] {
  const own = files.filter((path) => flyway.test(nameOf(path)))
  const [repeatable, versioned] = [
    own.filter(isRepeatable),
    own.filter((one) => !isRepeatable(one)),
  ]
  if (own.length === 0) return []
  const inOrder = [...versioned.toSorted(byName), ...repeatable.toSorted(byName)]
  return [{ framework: 'flyway', directory, paths: inOrder, confirm: null }]
}

interface Surroundings {
  place: Place
  /** Drizzle keeps a list beside the files. */
  journal: boolean
}

/**
 * A folder of numbered files. Queries and seeds are numbered too: the folder has to be called after
 * migrations, or the files have to say which part is the way up.
 */
function numberedIn(
  directory: string,
  files: readonly string[],
  around: Surroundings,
): Candidate[] {
  const own = files.filter((path) => numbered.test(nameOf(path)) && !wayBack.test(path))
  if (own.length === 0) return []
  const { place, journal } = around
  const named = directory.split('/').some((part) => migrationFolder.test(part))
  const pairs = own.every((path) => path.endsWith('.up.sql'))
  const sure = named || pairs || journal || (place.named && directory === place.root)
  const stamped = own.every((path) => timestamp.test(nameOf(path)))
  return [
    {
      framework: stamped ? 'rails' : 'sql',
      directory,
      paths: own.toSorted(byName),
      confirm: sure ? null : (texts) => texts.every(hasSections),
    },
  ]
}

/** A folder for each migration, with the file that goes up in it: Prisma; Diesel and Hasura. */
function foldersOf(sql: readonly string[], file: string, place: Place): Candidate[] {
  const own = sql.filter(
    (path) => nameOf(path) === file && ownFolder.test(nameOf(directoryOf(path))),
  )
  const sets = Map.groupBy(own, (path) => directoryOf(directoryOf(path)))
  return [...sets].flatMap(([directory, files]): Candidate[] => {
    const named = directory.split('/').some((part) => migrationFolder.test(part))
    if (!named && !(place.named && directory === place.root)) return []
    const framework = file === 'migration.sql' ? 'prisma' : 'sql'
    return [{ framework, directory, paths: files.toSorted(byFolder), confirm: null }]
  })
}

function hasJournal(paths: readonly string[], directory: string): boolean {
  return paths.includes(`${directory === '' ? '' : `${directory}/`}meta/_journal.json`)
}

function isRepeatable(path: string): boolean {
  return nameOf(path).startsWith('R__')
}

function isUndo(path: string): boolean {
  return /^U\d+(?:[._]\d+)*__/.test(nameOf(path))
}

function byName(one: string, other: string): number {
  return inNumberOrder(nameOf(one), nameOf(other))
}

function byFolder(one: string, other: string): number {
  return byName(directoryOf(one), directoryOf(other))
}
