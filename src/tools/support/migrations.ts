import { Failure } from '../../core/failure.ts'
import type { MigrationFinding, MigrationReport, MigrationSet } from '../../core/migration.ts'
import { reportOf, withFindings } from '../../core/migration-report.ts'
import type { Project } from '../../core/project.ts'
import { shortVersion } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'

/** What it takes to read migrations: less than a whole project. */
export interface MigrationReader extends Pick<Call, 'migrations'> {
  project: Pick<Project, 'migrations'>
}

export interface MigrationRange {
  /** Full hash of the commit that runs now; null: nobody knows, so all migrations count. */
  from: string | null
  /** Full hash. */
  to: string
  /** Instead of the configured directories. */
  paths?: readonly string[]
  signal?: AbortSignal
}

/** What the migrations between two commits come to. Reads text, runs none of it. */
export async function migrationReport(
  reader: MigrationReader,
  range: MigrationRange,
): Promise<MigrationReport> {
  const { from, to } = range
  const after = await setsAt(reader, range, to)
  const before = from === null ? null : await setsThen(reader, range, from)
  const report = reportOf({
    from: from !== null && before ? { sha: from, sets: before } : null,
    to: { sha: to, sets: after },
  })
  return await linted(reader, range, { report, sets: after })
}

async function setsAt(
  { migrations, project }: MigrationReader,
  { paths = project.migrations.paths, signal }: MigrationRange,
  sha: string,
): Promise<MigrationSet[]> {
  const { framework } = project.migrations
  return await migrations.read(sha, { paths, framework, ...(signal && { signal }) })
}

/** The commit that runs may never have been fetched. */
async function setsThen(
  reader: MigrationReader,
  range: MigrationRange,
  from: string,
): Promise<MigrationSet[]> {
  try {
    return await setsOnce(reader, range, from)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'source_unavailable') throw error
    throw new Failure({
      code: 'source_unavailable',
      message: `the migrations of ${shortVersion(from)}, which runs now, cannot be read: ${error.message}`,
      hint: `fetch the commit: git fetch origin ${from}`,
      cause: error,
    })
  }
}

/** A directory that is new now was not there before, which is no mistake of anybody. */
async function setsOnce(
  reader: MigrationReader,
  range: MigrationRange,
  sha: string,
): Promise<MigrationSet[]> {
  const { paths = reader.project.migrations.paths } = range
  if (paths.length === 0) return await setsAt(reader, range, sha)
  const sets: MigrationSet[] = []
  for (const path of paths) {
    try {
      sets.push(...(await setsAt(reader, { ...range, paths: [path] }, sha)))
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'invalid_configuration') throw error
    }
  }
  return sets
}

interface Judged {
  report: MigrationReport
  sets: readonly MigrationSet[]
}

function place({ file, line }: Pick<MigrationFinding, 'file' | 'line'>): string {
  return `${file}:${line}`
}

/** What another linter sees in the new SQL files, where we saw nothing ourselves. */
async function linted(
  { migrations }: MigrationReader,
  { to, signal }: MigrationRange,
  { report, sets }: Judged,
): Promise<MigrationReport> {
  const revisionOf = newSqlFiles(report, sets)
  if (revisionOf.size === 0) return report
  const { linter, findings, problem } = await migrations.lint(to, [...revisionOf.keys()], signal)
  const known = new Set(report.findings.map(place))
  const others = findings
    .filter((finding) => !known.has(place(finding)))
    .map((finding): MigrationFinding => ({
      ...finding,
      revision: revisionOf.get(finding.file) ?? '',
      kind: 'linted',
      verdict: 'needs_review',
      // What the statement does to the release that runs now, we have seen ourselves.
      breaks_old_release: false,
    }))
  const told = noteOf(linter, problem)
  return withFindings({ ...report, notes: [...report.notes, ...told] }, [
    ...report.findings,
    ...others,
  ])
}

function newSqlFiles(
  { revisions }: MigrationReport,
  sets: readonly MigrationSet[],
): Map<string, string> {
  const pending = new Set(revisions)
  const files = sets
    .flatMap(({ migrations }) => migrations)
    .filter(({ file, revision }) => /\.sql$/i.test(file) && pending.has(revision))
  return new Map(files.map(({ file, revision }) => [file, revision]))
}

function noteOf(linter: string | null, problem: string | null): string[] {
  if (problem !== null) return [`${linter ?? 'the linter'} could not be used: ${problem}`]
  return linter === null ? ['squawk is not installed, so only our own rules were applied'] : []
}
