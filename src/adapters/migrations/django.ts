import type { Migration } from '../../core/migration.ts'
import type { FoundFile } from './find.ts'
import { inOrder, labelOf, readModule, squash, type Module } from './django/modules.ts'
import { applyAll } from './django/operations.ts'
import type { AppState } from './django/state.ts'
import { createReport } from './python/report.ts'
import { resolveSteps } from './python/resolve.ts'

const mostEntries = 2000

/** The migrations of one app, each judged by what those before it left. */
export async function readDjango(files: readonly FoundFile[]): Promise<Migration[]> {
  const read: Module[] = []
  for (const file of files) read.push(await readModule(file))
  const label = labelOf(read)
  const state: AppState = { label, models: new Map() }
  const migrations: Migration[] = []
  for (const module of inOrder(squash(read, label))) {
    migrations.push(await migrationOf(module, state))
  }
  return migrations
}

async function migrationOf(module: Module, state: AppState): Promise<Migration> {
  const { file, name, parents, problems, operations, node } = module
  const named = (one: string) => (state.label === null ? one : `${state.label}.${one}`)
  const report = createReport()
  if (node) applyAll(operations, { state, report, budget: { left: mostEntries } }, node)
  return {
    revision: named(name),
    file: file.path,
    parents: parents.map(named),
    digest: file.digest,
    operations: [...problems, ...(await resolveSteps(report.steps))],
  }
}
