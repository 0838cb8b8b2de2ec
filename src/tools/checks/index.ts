import { dockerImages } from './docker-images.ts'
import { environmentConfig } from './environment-config.ts'
import { gitRefValid } from './git-ref-valid.ts'
import { migrationsSafe } from './migrations-safe.ts'
import { securityScan } from './security-scan.ts'
import { testsPassed } from './tests-passed.ts'
import type { CheckRunner } from './check-runner.ts'

/** Every check, in the order they run and are shown. */
export const checkRunners: readonly CheckRunner[] = [
  gitRefValid,
  testsPassed,
  securityScan,
  migrationsSafe,
  environmentConfig,
  dockerImages,
]
