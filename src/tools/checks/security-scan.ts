import { canonicalJson } from '../../core/canonical.ts'
import { skipped } from '../../core/check.ts'
import type { Release } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'
import { scanVerdict, type ScanBase } from '../support/scan-verdict.ts'
import { isWhole, keptScan, scannedTree } from '../support/scanned-tree.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner, type CheckSubject } from './check-runner.ts'

const name = 'security_scan'

/** Secrets and dependencies of the commit's tree against the thresholds, and what changed of them. */
export const securityScan: CheckRunner = {
  name,
  requirement: byPolicy(name),
  evidenceKey: (call, subject) => scanSubject(call, () => subject.now.release),
  foresee: (_subject, { scanners }) => ({
    runs: scanners.length > 0,
    text: scanners.map((scanner) => scanner.describe()).join('; '),
  }),
  async run(subject, call, signal) {
    const { environment, release } = subject
    const requirement = environment.checks.security_scan
    if (call.scanners.length === 0) {
      return skipped(name, 'there is no engine to scan with: set the check off')
    }
    try {
      const scan = await scannedTree(release.sha, call, signal)
      const base = await baseOf(subject, call, signal)
      return scanVerdict({ release, scan, base, requirement }, call)
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}

/** What a verdict depends on besides the commit; where only new findings count, on what runs, too. */
export function scanSubject(
  { runtime, scanners, project }: Call,
  base: () => Release | null = () => null,
): string {
  const engines = scanners.map((scanner) => scanner.name)
  const { security } = project
  const against = security.count === 'new' ? { base: base()?.sha ?? null } : {}
  return runtime.sha256(canonicalJson({ engines, security, ...against }))
}

/**
 * What runs is scanned when the verdict rests on it; otherwise a scan that is there already will do. Both
 * are fresh, since an advisory of today would make an old release look better than a new one.
 */
async function baseOf(
  { now: { release }, environment }: CheckSubject,
  call: Call,
  signal: AbortSignal,
): Promise<ScanBase> {
  const without = (missing: string): ScanBase => ({ release, scan: null, missing })
  if (release === null) return without(`what ${environment.name} runs is not known`)
  const kept = await keptScan(release.sha, call)
  if (kept !== null) return { release, scan: kept, missing: null }
  if (call.project.security.count === 'all') {
    const fix = `gonogo scan ${release.sha} makes one`
    return without(`there is no fresh scan of what ${environment.name} runs: ${fix}`)
  }
  const scan = await scannedTree(release.sha, call, signal)
  if (isWhole(scan.engines)) return { release, scan, missing: null }
  return without(`what ${environment.name} runs could not be scanned by every engine`)
}
