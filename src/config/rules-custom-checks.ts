import { checkNames } from '../core/check.ts'
import type { Problem } from './problems.ts'
import { environmentNames, itemsAt, valueAt } from './raw.ts'

/** What plans and results call checks that are no part of `checks`. */
const otherNames: readonly string[] = [
  'base_policy',
  'health',
  'line_running',
  'live_version',
  'policy_trusted',
  'release_not_held',
  'smoke_tests',
  'validated_plan',
  'verified_here',
]

/** In plans and results, a check of the project's own must not be taken for another one. */
export function customCheckRules(data: unknown): Problem[] {
  const taken = new Set<string>([...checkNames, ...otherNames])
  const environments = environmentNames(data)
  return itemsAt(data, ['custom_checks']).flatMap(({ path, value }) => {
    const name = valueAt(value, ['name'])
    if (typeof name !== 'string') return []
    const isTaken =
      taken.has(name) ||
      name.startsWith('runs_on_') ||
      environments.some((one) => name === `${one}_smoke_tests`)
    const message = `is the name of another check: ${JSON.stringify(name)}`
    return isTaken ? [{ path: [...path, 'name'], message }] : []
  })
}
