import { canonicalJson } from './canonical.ts'
import type { Migration, MigrationFinding, MigrationSet, StructureKind } from './migration.ts'
import { oneLine } from './text.ts'

/** What lies between two states of one set of migrations. */
export interface SetChange {
  /** In `to` and not in `from`, in the order in which they would be applied. */
  pending: Migration[]
  /** Revisions of `to` that nothing builds on. */
  heads: string[]
  /** What is wrong with the set as a whole. */
  findings: MigrationFinding[]
  /** Files that changed without doing anything else than before. */
  reworded: string[]
}

/** `from` is what was applied already; null: nothing is known of it, so everything would be. */
export function changeOf(from: MigrationSet | null, to: MigrationSet): SetChange {
  const known = byRevision(from?.migrations ?? [])
  const edited = to.migrations.filter((now) => {
    const before = known.get(now.revision)
    return before !== undefined && before.digest !== now.digest
  })
  const isReworded = (now: Migration) => doesTheSame(to, known.get(now.revision)!, now)
  const again = edited.filter(isRepeatable)
  const changed = edited.filter((now) => !isRepeatable(now) && !isReworded(now))
  return {
    pending: inOrder(to.migrations, (each) => !known.has(each.revision) || again.includes(each)),
    heads: headsOf(to.migrations),
    findings: [
      ...repeated(to),
      ...withoutParent(to),
      ...severalHeads(to),
      ...changed.map(editedFinding),
      ...removed(from, to),
    ],
    reworded: edited.filter((now) => !isRepeatable(now) && isReworded(now)).map(({ file }) => file),
  }
}

function byRevision(migrations: readonly Migration[]): Map<string, Migration> {
  return new Map(migrations.map((migration) => [migration.revision, migration]))
}

/** Flyway applies these again whenever they change. */
function isRepeatable({ file }: Migration): boolean {
  return /(?:^|\/)R__[^/]*$/.test(file)
}

/** Where migrations name their parents, the command that joins two heads. */
const mergeCommands: Partial<Record<MigrationSet['framework'], string>> = {
  alembic: 'merge them: alembic merge heads',
  django: 'merge them: python manage.py makemigrations --merge',
}

/** Flyway compares the bytes. Elsewhere comments and layout are nobody's business, if all of it could be read. */
function doesTheSame({ framework }: MigrationSet, before: Migration, now: Migration): boolean {
  if (framework === 'flyway') return false
  // Elsewhere than in Python the parent is only the file before, whichever that is.
  const isPython = mergeCommands[framework] !== undefined
  if (isPython && canonicalJson(before.parents) !== canonicalJson(now.parents)) return false
  const [old, current] = [before, now].map(({ operations }) => operations)
  if (old!.length !== current!.length) return false
  return old!.every((operation, index) => {
    const { kind, statement, facts, table, name } = current![index]!
    // A statement that was cut may differ behind the cut.
    const isWhole = kind !== 'unknown' && !statement.endsWith('…')
    const same = { kind, statement, facts, table, name }
    const { line: _, ...then } = operation
    return isWhole && canonicalJson(then) === canonicalJson(same)
  })
}

function headsOf(migrations: readonly Migration[]): string[] {
  const parents = new Set(migrations.flatMap((migration) => migration.parents))
  const heads = migrations.map(({ revision }) => revision)
  return [...new Set(heads)].filter((revision) => !parents.has(revision))
}

/** Parents first; among those that are free in the order of the set. What goes in a circle comes last. */
function inOrder(
  migrations: readonly Migration[],
  isWanted: (migration: Migration) => boolean,
): Migration[] {
  const all = new Set(migrations.map(({ revision }) => revision))
  const done = new Set<string>()
  const ordered: Migration[] = []
  let open = [...migrations]
  for (let before = -1; open.length > 0 && open.length !== before;) {
    before = open.length
    const waiting: Migration[] = []
    for (const migration of open) {
      if (migration.parents.every((parent) => done.has(parent) || !all.has(parent))) {
        done.add(migration.revision)
        ordered.push(migration)
      } else waiting.push(migration)
    }
    open = waiting
  }
  return [...ordered, ...open].filter(isWanted)
}

function finding(
  kind: StructureKind,
  { revision, file }: Pick<Migration, 'revision' | 'file'>,
  effect: string,
  advice: string,
): MigrationFinding {
  const about = { revision, file, line: 1, kind, statement: '', effect, advice }
  return { ...about, verdict: 'needs_review', breaks_old_release: null }
}

function repeated({ migrations }: MigrationSet): MigrationFinding[] {
  const seen = byRevision(migrations)
  const others = migrations.filter((migration) => seen.get(migration.revision) !== migration)
  return others.map((migration) =>
    finding(
      'repeated_revision',
      migration,
      `${shown(seen.get(migration.revision)!.file)} has the revision ${shown(migration.revision)} too`,
      'give one of them a revision of its own',
    ),
  )
}

function withoutParent({ migrations }: MigrationSet): MigrationFinding[] {
  const known = byRevision(migrations)
  const orphans = migrations.flatMap((migration) => {
    const missing = migration.parents.filter((parent) => !known.has(parent))
    if (missing.length === 0) return []
    const effect = `it builds on ${missing.map(shown).join(', ')}, which is not there`
    const advice = 'add the missing migration, or build on one that is there'
    return [finding('missing_parent', migration, effect, advice)]
  })
  const [first] = migrations
  if (!first || headsOf(migrations).length > 0) return orphans
  const circle = 'the migrations build on each other in a circle, so none is the last'
  return [...orphans, finding('missing_parent', first, circle, 'break the circle')]
}

/** Files in a row have one end. */
function severalHeads({ framework, migrations }: MigrationSet): MigrationFinding[] {
  const heads = headsOf(migrations)
  const last = migrations.findLast(({ revision }) => revision === heads.at(-1))
  const advice = mergeCommands[framework]
  if (heads.length < 2 || !last || advice === undefined) return []
  const effect = `nothing builds on ${heads.map(shown).join(' nor on ')}: which one comes last is open`
  return [finding('several_heads', last, effect, advice)]
}

function editedFinding(migration: Migration): MigrationFinding {
  return finding(
    'edited',
    migration,
    'it was changed after it was applied: what runs has the old one, and new databases get another schema',
    'put the old text back, and write a new migration for the change',
  )
}

function removed(from: MigrationSet | null, to: MigrationSet): MigrationFinding[] {
  const left = byRevision(to.migrations)
  const gone = (from?.migrations ?? []).filter(({ revision }) => !left.has(revision))
  return gone.map((migration) =>
    finding(
      'removed',
      migration,
      'it was applied, and is no longer there: the database has a revision that the release does not know',
      'put it back, or make sure that the tool can go on without it',
    ),
  )
}

function shown(text: string): string {
  return oneLine(text, 80)
}
