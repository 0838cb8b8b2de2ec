import { failed, passed } from '../../core/check.ts'
import { Failure } from '../../core/failure.ts'
import type { GateInput } from '../../core/gate.ts'
import type { Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import { chooseAnyway, chooseRollback, type RollbackChoice } from '../../core/rollback.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Hold } from '../../ports/store.ts'
import { readObserved, withObserved } from './observed.ts'

/** Where a rollback goes, with what speaks against it. */
export interface RollbackTarget {
  choice: RollbackChoice
  warnings: string[]
  /** Only in an emergency: what would have kept this target from being chosen. */
  gates: GateInput[]
}

/** How far back a rollback target is looked for. */
const historyLimit = 500

/**
 * The release to go back to. In an emergency a named one may be held, or was never verified here, as long
 * as it was here before.
 */
export async function chooseTarget(
  call: Call,
  environment: Environment,
  current: Release | null,
  { wanted, breakGlass }: { wanted: string | undefined; breakGlass: boolean },
): Promise<RollbackTarget> {
  const sha = wanted === undefined ? undefined : (await call.source.resolve(wanted)).sha
  const { rows, holds, problem } = await historyOf(call, environment)
  // Without its cause, which may change by itself and is not part of what is approved.
  const unread = 'what others deployed lately could not be read, and was not considered'
  const warnings = problem === null ? [] : [unread]
  const held = new Set(breakGlass && sha !== undefined ? [] : holds.map((hold) => hold.sha))
  const choice = chooseRollback(rows, current?.sha ?? null, held, sha)
  if (choice.target !== null) {
    const gates = breakGlass && sha !== undefined ? emergencyGates(choice, null, holds) : []
    return { choice, warnings: [...warnings, ...neverVerified(choice)], gates }
  }
  const anyway = breakGlass ? chooseAnyway(rows, current?.sha ?? null, sha) : choice
  if (anyway.target !== null)
    return { choice: anyway, warnings, gates: emergencyGates(anyway, choice.explanation, holds) }
  throw new Failure({
    code: 'no_rollback_target',
    message: `${environment.name} cannot be rolled back: ${anyway.explanation}${problem === null ? '' : `; ${unread} (${problem})`}`,
    hint: 'call list_deployments to see the history; gonogo adopt records a release that runs already',
  })
}

async function historyOf(call: Call, { name: environment }: Environment) {
  const { history, holds } = await call.store.read(async (tables) => ({
    history: await tables.deployments.list({ environment, limit: historyLimit }),
    holds: await tables.holds.list(environment),
  }))
  const { rows: observed, problem } = await readObserved(call)
  const here = observed.filter((row) => row.environment === environment)
  return { rows: withObserved(history.rows, here), holds, problem }
}

function neverVerified({ target, proven_by, verified, bypass }: RollbackChoice): string[] {
  if (verified) return []
  const around = bypass ? ', and was put there around the approval (BYPASS)' : ''
  const seen = `${target.version} was seen to succeed here (${proven_by})`
  return [`${seen}, never verified by gonogo${around}`]
}

/** What holds for every rollback target, as gates, so that going around them is said and signed. */
function emergencyGates(
  { target, proven_by }: RollbackChoice,
  unproven: string | null,
  holds: readonly Hold[],
): GateInput[] {
  const hold = holds.find(({ sha }) => sha === target.sha)
  const checks = [
    unproven === null
      ? passed('verified_here', `${target.version} was verified here (${proven_by})`)
      : failed('verified_here', unproven),
    hold
      ? failed(
          'release_not_held',
          `${target.version} was rolled back here (${oneLine(hold.reason, 120)})`,
        )
      : passed('release_not_held', `${target.version} was never rolled back from here`),
  ]
  return checks.map((check) => ({ requirement: 'required', check }))
}
