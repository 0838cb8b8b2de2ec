import type {
  MigrationFinding,
  MigrationFramework,
  MigrationReport,
  MigrationSet,
  PlannedMigrations,
  StructureKind,
} from './migration.ts'
import { codeOnlyRollback, compareVerdicts, findingsOf, worstOf } from './migration-judge.ts'
import { changeOf } from './migration-structure.ts'

/** The two states of a repository's migrations. */
export interface MigrationStates {
  /** Full hash of the commit that runs now, and its sets; null: nobody knows what runs. */
  from: { sha: string; sets: MigrationSet[] } | null
  to: { sha: string; sets: MigrationSet[] }
}

/** What applying the new migrations would come to. */
export function reportOf({ from, to }: MigrationStates): MigrationReport {
  const pairs = pairsOf(from?.sets ?? [], to.sets)
  const changes = pairs.map(([before, now]) => changeOf(before, now))
  const pending = changes.flatMap((change) => change.pending)
  const findings = [
    ...changes.flatMap((change) => change.findings),
    ...pending.flatMap(findingsOf),
    ...lostSets(from?.sets ?? [], pairs),
  ]
  const reworded = changes.flatMap((change) => change.reworded)
  return withFindings(
    {
      framework: frameworkOf(to.sets),
      directories: to.sets.map(({ directory }) => directory),
      from: from?.sha ?? null,
      to: to.sha,
      heads: changes.flatMap(({ heads }) => heads),
      revisions: pending.map(({ revision }) => revision),
      notes: [...unknownFrom(from, to.sets), ...rewordedNote(reworded)],
    },
    findings,
  )
}

type Frame = Omit<MigrationReport, 'findings' | 'verdict' | 'code_only_rollback'>

/** The findings in the order they are shown, the worst first, and what they come to. */
export function withFindings(frame: Frame, findings: readonly MigrationFinding[]): MigrationReport {
  const { framework, directories, from, to, heads, revisions, notes } = frame
  return {
    framework,
    directories,
    from,
    to,
    heads,
    revisions,
    findings: findings.toSorted((left, right) => compareVerdicts(right.verdict, left.verdict)),
    verdict: worstOf(findings),
    code_only_rollback: from === null ? null : codeOnlyRollback(findings),
    notes,
  }
}

/** The part that is approved with a plan. */
export function plannedOf(report: MigrationReport): PlannedMigrations {
  const { framework, revisions, verdict, code_only_rollback } = report
  return { framework, revisions, verdict, code_only_rollback }
}

const broken: ReadonlySet<string> = new Set<StructureKind>([
  'several_heads',
  'missing_parent',
  'repeated_revision',
])

/** True for what stops the migration tool itself, whatever the migrations do. */
export function cannotBeApplied({ kind }: MigrationFinding): boolean {
  return broken.has(kind)
}

function isSame(one: MigrationSet) {
  return ({ directory, framework }: MigrationSet) =>
    one.directory === directory && one.framework === framework
}

function ofFramework(sets: readonly MigrationSet[], wanted: MigrationFramework): MigrationSet[] {
  return sets.filter(({ framework }) => framework === wanted)
}

/** The same directory, else the only one of its framework that moved. */
function pairsOf(
  from: readonly MigrationSet[],
  to: readonly MigrationSet[],
): [MigrationSet | null, MigrationSet][] {
  const left = from.filter((before) => !to.some(isSame(before)))
  const added = to.filter((now) => !from.some(isSame(now)))
  return to.map((now) => {
    const before = from.find(isSame(now))
    if (before) return [before, now]
    const moved = ofFramework(left, now.framework)
    const isOnly = moved.length === 1 && ofFramework(added, now.framework).length === 1
    return [isOnly ? moved[0]! : null, now]
  })
}

/** Directories that the new release no longer has. */
function lostSets(
  from: readonly MigrationSet[],
  pairs: readonly [MigrationSet | null, MigrationSet][],
): MigrationFinding[] {
  const kept = new Set(pairs.map(([before]) => before))
  return from
    .filter((set) => !kept.has(set))
    .map(({ directory, migrations }) => ({
      revision: migrations.at(-1)?.revision ?? '',
      file: directory,
      line: 1,
      kind: 'removed',
      verdict: 'needs_review',
      statement: '',
      effect: 'the whole directory was applied, and is no longer there',
      advice: 'put it back, or make sure that nothing applies it any more',
      breaks_old_release: null,
    }))
}

function frameworkOf(sets: readonly MigrationSet[]): MigrationFramework | null {
  const [first, ...others] = new Set(sets.map(({ framework }) => framework))
  return first !== undefined && others.length === 0 ? first : null
}

function unknownFrom(from: MigrationStates['from'], to: readonly MigrationSet[]): string[] {
  if (from !== null || to.length === 0) return []
  return ['no commit is known that runs now, so all migrations count']
}

function rewordedNote(files: readonly string[]): string[] {
  if (files.length === 0) return []
  const what = files.length === 1 ? 'migration was' : 'migrations were'
  return [`${files.length} applied ${what} reworded without doing anything else than before`]
}
