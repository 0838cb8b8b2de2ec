import { skipped } from '../../core/check.ts'
import type { CheckRunner } from './check-runner.ts'

/** There is no migration engine: the check says so and can never satisfy a gate. */
export const migrationsSafe: CheckRunner = {
  name: 'migrations_safe',
  foresee: () => ({ runs: false, text: 'do nothing: no migration engine is available' }),
  run: async () => skipped('migrations_safe', 'not checked: no migration engine is available'),
}
