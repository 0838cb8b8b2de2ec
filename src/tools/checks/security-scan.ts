import { canonicalJson } from '../../core/canonical.ts'
import { couldNotRun, failed, passed } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import type { Call } from '../../ports/context.ts'
import { everyEngine, scan } from '../support/scan.ts'
import type { CheckRunner } from './check-runner.ts'

/** Secrets and dependencies of the commit's tree against the thresholds. */
export const securityScan: CheckRunner = {
  name: 'security_scan',
  evidenceKey: scanSubject,
  foresee: (_subject, { scanners }) => ({
    runs: scanners.length > 0,
    text: scanners.map((scanner) => scanner.describe()).join('; '),
  }),
  async run({ environment, release }, call) {
    try {
      const result = await scan(release.sha, everyEngine, call)
      const { severity_summary, engines, blockers } = result
      const details = { sha: release.sha, severity_summary, engines }
      if (!engines.some((engine) => engine.status === 'ran')) {
        return couldNotRun('security_scan', environment.checks.security_scan, blockers.join('; '))
      }
      if (result.passed) return passed('security_scan', 'no findings above the thresholds', details)
      return failed('security_scan', blockers.join('; '), details)
    } catch (error) {
      const requirement = environment.checks.security_scan
      return couldNotRun('security_scan', requirement, toFailure(error).message)
    }
  },
}

/** What the result of a scan depends on besides the commit. */
export function scanSubject({ runtime, scanners, project }: Call): string {
  const engines = scanners.map((scanner) => scanner.name)
  return runtime.sha256(canonicalJson({ engines, security: project.security }))
}
