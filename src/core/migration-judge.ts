import type {
  Migration,
  MigrationFinding,
  MigrationOperation,
  MigrationVerdict,
  OperationKind,
} from './migration.ts'
import { safe, type Judgement, type Rule } from './migration-rule.ts'
import { columnRules } from './migration-rules-columns.ts'
import { constraintRules } from './migration-rules-constraints.ts'
import { rowRules } from './migration-rules-rows.ts'
import { tableRules } from './migration-rules-tables.ts'

const rules: Readonly<Record<OperationKind, Rule>> = {
  ...tableRules,
  ...columnRules,
  ...constraintRules,
  ...rowRules,
}

/** What an operation means. Nobody uses a table yet that the same migration created. */
export function judge(operation: MigrationOperation): Judgement {
  const isFree = operation.facts.new_table === true && operation.kind !== 'unknown'
  return isFree ? safe() : rules[operation.kind](operation)
}

/** What a person should know of a migration; what is safe, and harms no release, is not listed. */
export function findingsOf({ revision, file, operations }: Migration): MigrationFinding[] {
  return operations.flatMap((operation) => {
    const { verdict, effect, advice, breaks } = judge(operation)
    if (verdict === 'safe' && breaks === false) return []
    const { kind, line, statement } = operation
    const found = { revision, file, line, kind, verdict, statement, effect }
    return [{ ...found, advice: advice || breakAdvice, breaks_old_release: breaks }]
  })
}

const breakAdvice =
  'safe to apply; whether the release that runs now can live with it is for a person to say'

/**
 * From the least to the worst. What nobody can tell is worse than what a person can look at, and a loss that
 * is certain is worse than one that is only possible.
 */
const order: readonly MigrationVerdict[] = ['safe', 'needs_review', 'unknown', 'destructive']

/** Negative when `left` is the better one. */
export function compareVerdicts(left: MigrationVerdict, right: MigrationVerdict): number {
  return order.indexOf(left) - order.indexOf(right)
}

/** The worst of the findings; `safe` without any. */
export function worstOf(findings: readonly Pick<MigrationFinding, 'verdict'>[]): MigrationVerdict {
  return findings.reduce<MigrationVerdict>(
    (worst, { verdict }) => (compareVerdicts(verdict, worst) > 0 ? verdict : worst),
    'safe',
  )
}

/** Whether the release that runs now still works on the new schema; null: nobody can tell. */
export function codeOnlyRollback(
  findings: readonly Pick<MigrationFinding, 'breaks_old_release'>[],
): boolean | null {
  if (findings.some(({ breaks_old_release }) => breaks_old_release === true)) return false
  return findings.some(({ breaks_old_release }) => breaks_old_release === null) ? null : true
}
