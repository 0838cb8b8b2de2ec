import type { Migration, MigrationFramework, MigrationSet } from '../../core/migration.ts'
import type { MigrationLint, Migrations } from '../../ports/migrations.ts'
import type { Processes } from '../../ports/process.ts'
import type { Source } from '../../ports/source.ts'
import { upPart } from './discovery/sections.ts'
import { findSets, type FoundFile, type FoundSet } from './find.ts'
import { lintWithSquawk, type LintedFile } from './squawk.ts'

export interface MigrationsDeps {
  source: Pick<Source, 'paths' | 'files' | 'readFile'>
  processes: Pick<Processes, 'run'>
}

/** Reads migrations of a commit; SQL through Postgres' own parser, Python through its syntax tree. */
export function createMigrations({ source, processes }: MigrationsDeps): Migrations {
  return {
    async read(sha, wanted) {
      const found = await findSets(source, sha, wanted)
      const sets: MigrationSet[] = []
      for (const set of found) {
        wanted.signal?.throwIfAborted()
        const { framework, directory } = set
        sets.push({ framework, directory, migrations: await migrationsOf(set) })
      }
      return sets
    },
    lint: (sha, files, signal) => lint({ source, processes }, sha, files, signal),
  }
}

/** Each reader is loaded when there is something for it to read. */
async function migrationsOf({ framework, files }: FoundSet): Promise<Migration[]> {
  switch (framework) {
    case 'alembic': {
      const { readAlembic } = await import('./alembic.ts')
      return await readAlembic(files)
    }
    case 'django': {
      const { readDjango } = await import('./django.ts')
      return await readDjango(files)
    }
    case 'sql':
    case 'flyway':
    case 'prisma':
    case 'rails':
      return await inARow(framework, files)
  }
}

/** SQL files build on the file before. */
async function inARow(
  framework: MigrationFramework,
  files: readonly FoundFile[],
): Promise<Migration[]> {
  const { readSqlInOrder } = await import('./sql/read-sql.ts')
  const operations = await readSqlInOrder(files.map(({ text }) => text))
  const revisions = files.map(({ path }) => revisionOf(framework, path))
  return files.map(({ path, digest }, index) => ({
    revision: revisions[index]!,
    file: path,
    parents: index === 0 ? [] : [revisions[index - 1]!],
    digest,
    operations: operations[index]!,
  }))
}

/** What the tool itself goes by: a number where it has one, so that a new name makes no new migration. */
function revisionOf(framework: MigrationFramework, path: string): string {
  const parts = path.split('/')
  const name = (parts.at(-1) ?? path).replace(/(?:\.up)?\.sql$/i, '')
  // A folder for each migration, with files that are called alike.
  if (name === 'migration' || name === 'up') return parts.at(-2) ?? name
  const number = numbers[framework]?.exec(name)
  return number?.[1] ?? name
}

const numbers: Partial<Record<MigrationFramework, RegExp>> = {
  flyway: /^V([\d._]+?)__/,
  rails: /^(\d{12,})/,
}

async function lint(
  { source, processes }: MigrationsDeps,
  sha: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<MigrationLint> {
  const [{ loadParser }, { statementsOf }] = await Promise.all([
    import('./sql/parser.ts'),
    import('./sql/statements.ts'),
  ])
  const parse = await loadParser()
  const wanted = new Set(paths)
  const files: LintedFile[] = []
  for await (const { path, content } of source.files(sha, (each) => wanted.has(each))) {
    // What is too large to come along is too large to be linted, too.
    if (content === null) continue
    const text = upPart(new TextDecoder().decode(content), path)
    files.push({ path, text, statements: statementsOf(text, parse) })
  }
  return await lintWithSquawk({ processes, ...(signal && { signal }) }, files)
}
