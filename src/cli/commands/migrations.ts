import { resolve } from 'node:path'
import { locateProject } from '../../config/locate.ts'
import type { MigrationReport } from '../../core/migration.ts'
import { migrationReport } from '../../tools/support/migrations.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderMigrations } from '../render/migrations.ts'
import { printFailure, runCommand, type Caller, type CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { columnsOf } from '../terminal.ts'
import {
  beginningOf,
  endOf,
  namedBeginning,
  rootOf,
  type Beginning,
  type End,
} from './migrations-range.ts'

export interface MigrationsOptions extends CommonOptions {
  from?: string
  to?: string
  path?: string[]
}

/** Says what the migrations between two commits would do. Applies nothing, and runs none of their code. */
export async function runMigrations(caller: Caller, options: MigrationsOptions): Promise<ExitCode> {
  const { surface } = caller
  const { env, cwd } = surface
  const location = await locateProject(options.project, env, cwd).catch(() => null)
  if (location !== null) return await ofProject(caller, options)
  try {
    return await ofRepository(surface, options)
  } catch (error) {
    return printFailure(surface, options, error)
  }
}

async function ofProject(caller: Caller, options: MigrationsOptions): Promise<ExitCode> {
  return await runCommand(caller, async ({ surface, call }) => {
    const clone = { processes: call.processes, directory: call.project.repository }
    const to = await endOf(call.source, options.to, clone)
    const { from, note } = await beginningOf(call, options.from)
    const report = await migrationReport(call, rangeOf(from, to, options, surface))
    return print(surface, options, { report, from, to, note })
  })
}

/** A repository that nobody configured. */
async function ofRepository(surface: Surface, options: MigrationsOptions): Promise<ExitCode> {
  const processes = await surface.processes()
  const directory = await rootOf(processes, resolve(surface.cwd, options.project ?? '.'))
  const { source, migrations } = await surface.repository(directory)
  const to = await endOf(source, options.to, { processes, directory })
  const from = await namedBeginning(source, options.from ?? 'none')
  const reader = { migrations, project: { migrations: { paths: [], framework: null } } }
  const report = await migrationReport(reader, rangeOf(from, to, options, surface))
  const note = options.from === undefined ? 'name what runs with --from' : null
  return print(surface, options, { report, from, to, note })
}

function rangeOf(from: Beginning, to: End, { path }: MigrationsOptions, surface: Surface) {
  const paths = path?.map((each) => each.replace(/^(?:\.\/)+/, '').replace(/\/+$/, ''))
  const signal = surface.interrupted
  return { from: from?.sha ?? null, to: to.sha, signal, ...(paths && { paths }) }
}

interface Told {
  report: MigrationReport
  from: Beginning
  to: End
  note: string | null
}

function print({ out }: Surface, { json }: MigrationsOptions, told: Told): ExitCode {
  const report = withNote(told)
  const { framework, heads, revisions, findings, verdict, code_only_rollback, ...rest } = report
  if (json) {
    const first = { schema_version: 1, framework, heads, revisions, findings, verdict }
    out.write(`${JSON.stringify({ ...first, code_only_rollback, ...rest }, null, 2)}\n`)
  } else {
    const width = Math.min(columnsOf(out), 100)
    const range = { from: told.from?.shown ?? null, to: told.to.shown }
    out.write(`${renderMigrations(report, range, paletteFor(out), width).join('\n')}\n`)
  }
  return verdict === 'safe' ? exits.done : exits.failed
}

function withNote({ report, note }: Told): MigrationReport {
  const none = report.directories.length === 0
  const missing = none ? ['no migrations were found; name their directory with --path'] : []
  const asked = note === null || none ? [] : [note]
  return { ...report, notes: [...missing, ...report.notes, ...asked] }
}
