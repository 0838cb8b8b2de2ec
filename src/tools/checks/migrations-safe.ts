import {
  couldNotRun,
  failed,
  passed,
  skipped,
  warned,
  type Check,
  type Requirement,
} from '../../core/check.ts'
import { canonicalJson } from '../../core/canonical.ts'
import { toFailure } from '../../core/failure.ts'
import type { MigrationFinding, MigrationReport } from '../../core/migration.ts'
import { cannotBeApplied, plannedOf } from '../../core/migration-report.ts'
import { isFullSha, type Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import { migrationReport } from '../support/migrations.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'migrations_safe'

/** More are counted, and shown by `gonogo migrations`. */
const mostFindings = 20

/** What the new migrations take, lock or lose, and whether a way back without them is left. */
export const migrationsSafe: CheckRunner = {
  name,
  requirement: byPolicy(name),
  affordable: true,
  repeatable: true,
  // Two commits hold what they hold.
  evidenceKey: ({ project, runtime }, { now }) =>
    runtime.sha256(canonicalJson({ from: now.release?.sha ?? null, ...project.migrations })),
  foresee: ({ release }) => ({
    runs: true,
    text: `read the migrations between what runs now and ${release.version}, as text`,
  }),
  async run({ environment, release, now }, call, signal) {
    const from = now.release !== null && isFullSha(now.release.sha) ? now.release : null
    try {
      const range = { from: from?.sha ?? null, to: release.sha, signal }
      const report = await migrationReport(call, range)
      return checkOf(report, from, release)
    } catch (error) {
      return notRead(error, environment.checks.migrations_safe)
    }
  },
}

function notRead(error: unknown, requirement: Requirement): Check {
  const { message, hint } = toFailure(error)
  return couldNotRun(name, requirement, oneLine(`${message}; ${hint}`, 400))
}

function checkOf(report: MigrationReport, from: Release | null, to: Release): Check {
  if (report.directories.length === 0 && report.findings.length === 0) {
    const where = 'if there are some, name their directories as migrations.paths in gonogo.yaml'
    return skipped(name, `no migrations were found; ${where}`)
  }
  const findings = report.findings.slice(0, mostFindings)
  const details = { ...report, findings, findings_total: report.findings.length }
  const judged = judge(report, from, to)
  return { ...judged, details, planned: { migrations: plannedOf(report) } }
}

function judge(report: MigrationReport, from: Release | null, to: Release): Check {
  const broken = report.findings.find(cannotBeApplied)
  if (broken) return failed(name, told(broken, report, from, to))
  const [worst] = report.findings
  switch (report.verdict) {
    case 'safe':
      return passed(name, safeMessage(report, from))
    case 'destructive':
      return failed(name, told(worst, report, from, to))
    case 'needs_review':
    case 'unknown':
      return warned(name, told(worst, report, from, to))
  }
}

function safeMessage({ revisions, code_only_rollback }: MigrationReport, from: Release | null) {
  const since = from === null ? 'what runs now is not known' : `since ${from.version}`
  if (revisions.length === 0) return `no new migrations ${since}`
  const count = `${revisions.length} ${revisions.length === 1 ? 'migration' : 'migrations'}`
  const all = from === null ? `all ${count} (${since})` : `${count} ${since}`
  return `${all}: safe to apply${wayBack(code_only_rollback, from)}`
}

function wayBack(works: boolean | null, from: Release | null): string {
  if (from === null || works === true) return ''
  return works === false
    ? `; ${from.version} no longer works afterwards`
    : `; whether ${from.version} still works afterwards cannot be told`
}

const words = {
  safe: '',
  needs_review: 'needs review',
  destructive: 'destructive',
  unknown: 'unknown',
}

/** The worst finding with what to do, and the command that shows the others. */
function told(
  finding: MigrationFinding | undefined,
  { findings, verdict }: MigrationReport,
  from: Release | null,
  to: Release,
): string {
  if (!finding) return words[verdict]
  const { file, line, kind, effect, advice } = finding
  const what = cannotBeApplied(finding) ? kind.replaceAll('_', ' ') : words[finding.verdict]
  const said = oneLine(`${file}:${line}: ${effect ?? kind}; ${advice}`, 360)
  const why =
    from === null ? 'all migrations count, as what runs is not known (gonogo adopt): ' : ''
  const range = `${from === null ? '--from none' : `--from ${from.version}`} --to ${to.version}`
  const more = findings.length === 1 ? 'it' : `all ${findings.length}`
  return `${why}${what}: ${said} (gonogo migrations ${range} shows ${more})`
}
