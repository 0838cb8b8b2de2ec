import type { Migration, MigrationOperation } from '../../core/migration.ts'
import type { FoundFile } from './find.ts'
import { alembicHost } from './alembic/host.ts'
import { followFile, type Followed } from './python/follow-file.ts'
import { lineOf, shown } from './python/node.ts'
import { createReport, unknownAt, type Step } from './python/report.ts'
import { resolveSteps } from './python/resolve.ts'
import type { PyValue } from './python/value.ts'

/** Revisions of Alembic, from what they say of themselves and what `upgrade()` would do. */
export async function readAlembic(files: readonly FoundFile[]): Promise<Migration[]> {
  const migrations: Migration[] = []
  for (const file of files) migrations.push(await readRevision(file))
  return migrations
}

async function readRevision(file: FoundFile): Promise<Migration> {
  const followed = await followFile(file.text, alembicHost)
  const { path, digest } = file
  const ownName = path.slice(path.lastIndexOf('/') + 1).replace(/\.py$/, '')
  if (followed.problem) {
    const operations = [followed.problem]
    return { revision: ownName, file: path, parents: [], digest, operations }
  }
  const revision = followed.names.get('revision')
  const parents = parentsOf(followed.names.get('down_revision'))
  return {
    revision: revision?.kind === 'text' ? revision.text : ownName,
    file: path,
    parents: parents ?? [],
    digest,
    operations: [
      ...(revision?.kind === 'text' ? [] : [unknownName('revision')]),
      ...(parents ? [] : [unknownName('down_revision')]),
      ...followed.errors,
      ...(await upgradeOf(followed)),
    ],
  }
}

function unknownName(name: string): MigrationOperation {
  return unknownAt({ line: 1, statement: '' }, `its ${name} is not written down as text`)
}

/** Null: nobody can tell. */
function parentsOf(value: PyValue | undefined): string[] | null {
  if (value?.kind === 'none') return []
  const items = value?.kind === 'list' ? value.items : [value]
  const parents = items.flatMap((item) => (item?.kind === 'text' ? [item.text] : []))
  return parents.length === items.length ? parents : null
}

/** Alembic loads a file while it is connected. Calls of other code, which set up a file, are no part of it. */
function whileLoading(steps: readonly Step[]): readonly Step[] {
  const acts = steps.some((step) => !('operation' in step) || step.operation.kind !== 'unknown')
  return acts ? steps : []
}

async function upgradeOf({ names, run, call }: Followed): Promise<MigrationOperation[]> {
  const upgrade = names.get('upgrade')
  if (upgrade?.kind !== 'function') {
    const why = upgrade === undefined ? 'it has no upgrade()' : 'its upgrade() cannot be followed'
    return [unknownAt({ line: 1, statement: '' }, why)]
  }
  const loading = whileLoading(run.report.steps)
  run.report = createReport()
  const { node } = upgrade
  call(upgrade)
  const operations = await resolveSteps([...loading, ...run.report.steps])
  if (run.left > 0) return operations
  const place = { line: lineOf(node), statement: shown(node) }
  return [...operations, unknownAt(place, 'it is too long to be followed to its end')]
}
