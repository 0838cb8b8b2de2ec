import type { Finding } from '../../core/finding.ts'
import { oneLine } from '../../core/text.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { ScanReport } from '../../ports/scanner.ts'
import type { AuditOutcome } from './npm-report.ts'

export interface AuditedProject {
  /** Path of the lock file. */
  path: string
  outcome: AuditOutcome
}

/** One report over all lock files. One that could not be audited makes the whole scan incomplete. */
export function dependencyReport(
  audited: readonly AuditedProject[],
  runtime: Pick<Runtime, 'sha256'>,
): ScanReport {
  const findings = merge(audited, runtime)
  const problems = audited.flatMap(({ path, outcome }) =>
    'problem' in outcome ? [`${oneLine(path)}: ${outcome.problem}`] : [],
  )
  const packages = audited.reduce(
    (sum, { outcome }) => sum + ('problem' in outcome ? 0 : outcome.packages),
    0,
  )
  const noun = findings.length === 1 ? 'advisory' : 'advisories'
  const summary = `${findings.length || 'no'} ${noun} for ${packages} package(s) of ${audited.length - problems.length} lock file(s)`
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return {
    ran: first === undefined,
    applies: true,
    findings,
    message: first === undefined ? summary : `could not audit ${first}${more}; ${summary}`,
    details: {
      lock_files: audited.slice(0, 20).map(({ path }) => oneLine(path)),
      lock_file_count: audited.length,
      packages,
      problems: problems.slice(0, 20),
    },
  }
}

/** An advisory counts once, however many lock files have the package; shipped beats built with. */
function merge(audited: readonly AuditedProject[], runtime: Pick<Runtime, 'sha256'>): Finding[] {
  const merged = new Map<string, Finding>()
  for (const { outcome } of audited) {
    if ('problem' in outcome) continue
    for (const finding of outcome.findings) {
      const identity = [finding.source, finding.id, finding.package].join('\0')
      const known = merged.get(identity)
      if (known && (known.scope === 'runtime' || finding.scope !== 'runtime')) continue
      merged.set(identity, { ...finding, fingerprint: runtime.sha256(identity) })
    }
  }
  return [...merged.values()]
}
