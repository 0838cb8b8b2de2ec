import * as z from 'zod'
import type { Release } from '../core/release.ts'
import type { Call } from '../ports/context.ts'
import { scanSubject } from './checks/security-scan.ts'
import { defineTool, pendingFields } from './define-tool.ts'
import { record } from './support/evidence.ts'
import { everyEngine, scan, type EngineKind, type ScanResult } from './support/scan.ts'
import { scanVerdict } from './support/scan-verdict.ts'
import { keepScan } from './support/scanned-tree.ts'
import {
  dryRunInput,
  gitRefInput,
  severitySummaryOutput,
  strings,
  vulnerabilityOutput,
} from './support/schemas.ts'
import { timestamp } from './support/time.ts'

const input = z.object({
  git_ref: gitRefInput,
  scan_dependencies: z.boolean().default(true),
  scan_code: z.boolean().default(true),
  scan_secrets: z.boolean().default(true),
  dry_run: dryRunInput,
})

type Input = z.output<typeof input>

/** How many findings an answer carries; the summary always counts all of them. */
const shownFindings = 50

/** Scans the tree of a commit, not the working directory. */
export const runSecurityScan = defineTool({
  name: 'run_security_scan',
  title: 'Run a security scan',
  toolset: 'core',
  effect: 'probe',
  description:
    'Scan a commit for secrets and vulnerable dependencies. An engine that could not run blocks; ' +
    'it never counts as clean.',
  input,
  output: z.object({
    git_ref: z.string(),
    sha: z.string().optional(),
    vulnerabilities: z.array(vulnerabilityOutput),
    severity_summary: severitySummaryOutput,
    passed: z.boolean().nullable(),
    blockers: strings,
    engines: z
      .array(z.object({ engine: z.string(), status: z.string(), message: z.string() }))
      .optional(),
    scan_duration_ms: z.number(),
    scanned_at: z.string().nullable(),
    ...pendingFields,
  }),
  run: runScan,
  environment: () => null,
  pending: (args) => ({ ...nothingYet(args), scan_duration_ms: 0 }),
  summarize: (output) => {
    if (output.pending) return 'Still scanning: call again with the same arguments.'
    if (output.passed === null) return `Dry run: ${output.git_ref} was not scanned.`
    if (output.passed)
      return `GO: the scan of ${output.git_ref} found nothing above the thresholds.`
    return `NO-GO: ${output.git_ref}: ${output.blockers.join('; ')}`
  },
})

async function runScan(args: Input, call: Call) {
  const started = call.runtime.now()
  const release = await call.source.resolve(args.git_ref)
  const { sha } = release
  const wanted = wantedEngines(args)
  if (args.dry_run)
    return { ...nothingYet(args), sha, engines: planned(wanted, call), scan_duration_ms: 0 }
  const result = await scan(sha, wanted, call)
  if (wanted.length === everyEngine.length) await keepAsEvidence(release, result, call)
  const ended = call.runtime.now()
  return {
    git_ref: args.git_ref,
    sha,
    vulnerabilities: result.findings.slice(0, shownFindings),
    severity_summary: result.severity_summary,
    passed: result.passed,
    blockers: result.blockers,
    engines: result.engines.map(({ engine, status, message }) => ({ engine, status, message })),
    scan_duration_ms: ended - started,
    scanned_at: timestamp(ended),
  }
}

function wantedEngines(args: Input): EngineKind[] {
  const asked = {
    dependencies: args.scan_dependencies,
    code: args.scan_code,
    secrets: args.scan_secrets,
  }
  return everyEngine.filter((kind) => asked[kind])
}

function planned(wanted: readonly EngineKind[], call: Call) {
  return call.scanners
    .filter((scanner) => wanted.includes(scanner.kind))
    .map((scanner) => ({ engine: scanner.name, status: 'skipped', message: scanner.describe() }))
}

/**
 * Only a scan by every engine may satisfy a gate; a partial one is for the caller's eyes. Where only new
 * findings count, there is no verdict without an environment: a validation makes it of the kept scan.
 */
async function keepAsEvidence(release: Release, result: ScanResult, call: Call): Promise<void> {
  const { sha } = release
  const kept = await keepScan(sha, result, call)
  if (call.project.security.count === 'new') return
  const base = { release: null, scan: null, missing: 'it was scanned by itself' }
  const check = scanVerdict({ release, scan: kept, base, requirement: 'required' }, call)
  const subject = scanSubject(call)
  await record(call, check, { sha, environment: null, subject, deployment_id: null })
}

function nothingYet(args: Input) {
  const none: string[] = []
  return {
    git_ref: args.git_ref,
    vulnerabilities: [],
    severity_summary: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    passed: null,
    blockers: none,
    scanned_at: null,
  }
}
