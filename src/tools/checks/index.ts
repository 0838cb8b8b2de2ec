import { changesReviewed } from './changes-reviewed.ts'
import { clockSkew } from './clock-skew.ts'
import { customRunners } from './custom-checks.ts'
import { dockerImages } from './docker-images.ts'
import { environmentConfig } from './environment-config.ts'
import { environmentLock } from './environment-lock.ts'
import { environmentProtection } from './environment-protection.ts'
import { freezeWindow } from './freeze-window.ts'
import { gitRefValid } from './git-ref-valid.ts'
import { migrationsSafe } from './migrations-safe.ts'
import { preflight } from './preflight.ts'
import { securityScan } from './security-scan.ts'
import { testsPassed } from './tests-passed.ts'
import type { Environment } from '../../core/project.ts'
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
  changesReviewed,
  environmentProtection,
  freezeWindow,
  environmentLock,
  clockSkew,
]

/** Every check there is something to look at for. */
export function runnersFor(call: Call, environment: Environment): CheckRunner[] {
  const all = [...checkRunners, ...customRunners(call)]
  return all.filter((runner) => runner.applies?.(call, environment) ?? true)
}
