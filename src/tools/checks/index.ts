import { dockerImages } from './docker-images.ts'
import { environmentConfig } from './environment-config.ts'
import { gitRefValid } from './git-ref-valid.ts'
import { migrationsSafe } from './migrations-safe.ts'
import { preflight } from './preflight.ts'
import { securityScan } from './security-scan.ts'
import { testsPassed } from './tests-passed.ts'
import type { Call } from '../../ports/context.ts'
import type { CheckRunner } from './check-runner.ts'

/** In the order they run and are shown. */
const checkRunners: readonly CheckRunner[] = [
  gitRefValid,
  testsPassed,
  securityScan,
  migrationsSafe,
  environmentConfig,
  dockerImages,
  preflight,
]

/** Every check there is something to look at for. */
export function runnersFor(call: Call): CheckRunner[] {
  return checkRunners.filter((runner) => runner.applies?.(call) ?? true)
}
