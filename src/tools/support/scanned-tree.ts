import { canonicalJson } from '../../core/canonical.ts'
import { passed } from '../../core/check.ts'
import type { Finding } from '../../core/finding.ts'
import type { KnownFinding } from '../../core/scan-delta.ts'
import type { Call } from '../../ports/context.ts'
import { freshEvidence, record } from './evidence.ts'
import { everyEngine, scan, type EngineResult } from './scan.ts'

/** A whole scan of a tree, by every engine: made now, or kept from before. */
export interface ScannedTree {
  findings: KnownFinding[]
  engines: EngineResult[]
  /** Milliseconds since the epoch. */
  scanned_at: number
  /** The commit whose files were read: the same files may be those of another one. */
  scanned_sha: string
}

const checkName = 'scanned_tree'

/** Of more than these nobody reads a difference, and they are not kept. */
const mostKept = 1000

/** A fresh scan of the same files, else one that is made now and kept. */
export async function scannedTree(
  sha: string,
  call: Call,
  signal: AbortSignal,
): Promise<ScannedTree> {
  const kept = await keptScan(sha, call)
  if (kept !== null) return kept
  const { findings, engines } = await scan(sha, everyEngine, call, signal)
  return await keepScan(sha, { findings, engines }, call)
}

/** Null without a scan that is fresh enough for a gate. */
export async function keptScan(sha: string, call: Call): Promise<ScannedTree | null> {
  const about = { check_name: checkName, sha: await contentOf(sha, call), environment: null }
  const evidence = await freshEvidence(call, { ...about, subject: enginesOf(call) })
  if (evidence === null) return null
  const kept = evidence.check.details as unknown as Omit<ScannedTree, 'scanned_at'>
  return { ...kept, scanned_at: evidence.recorded_at }
}

/** Keeps what every engine said, unless one of them could not say it. */
export async function keepScan(
  sha: string,
  { findings, engines }: { findings: readonly Finding[]; engines: EngineResult[] },
  call: Call,
): Promise<ScannedTree> {
  const details = { findings: findings.map(shortened), engines, scanned_sha: sha }
  if (isWhole(engines) && findings.length <= mostKept) {
    const check = passed(checkName, `${findings.length} finding(s)`, details)
    const about = { environment: null, deployment_id: null, subject: enginesOf(call) }
    await record(call, check, { ...about, sha: await contentOf(sha, call) })
  }
  return { ...details, scanned_at: call.runtime.now() }
}

/** Whether nothing was left out that could have been found. */
export function isWhole(engines: readonly EngineResult[]): boolean {
  const statuses = engines.map(({ status }) => status)
  return statuses.includes('ran') && !statuses.includes('could_not_run')
}

/** The tree, where the source knows it: a merge that changes nothing needs no new scan. */
async function contentOf(sha: string, { source }: Call): Promise<string> {
  return (await source.tree?.(sha)) ?? sha
}

/** What was asked, and whom. The thresholds are no part of it: they judge what was found. */
function enginesOf({ runtime, scanners, project }: Call): string {
  const engines = scanners.map((scanner) => scanner.name)
  return runtime.sha256(canonicalJson({ engines, registry: project.security.npm_registry }))
}

function shortened(finding: Finding): KnownFinding {
  const { fingerprint, severity, id, title, package: name, fixed_version, path, line } = finding
  return { fingerprint, severity, id, title, package: name, fixed_version, path, line }
}
