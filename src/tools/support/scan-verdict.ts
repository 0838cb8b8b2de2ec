import { couldNotRun, failed, passed, type Check, type Requirement } from '../../core/check.ts'
import { findingBlockers, severities, summarize } from '../../core/finding.ts'
import type { Release } from '../../core/release.ts'
import {
  compareFindings,
  findingText,
  type KnownFinding,
  type ScanDelta,
} from '../../core/scan-delta.ts'
import { isPlainWord, oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { ScannedTree } from './scanned-tree.ts'
import { timestamp } from './time.ts'

const name = 'security_scan'

/** What the environment runs, and what is known of it. */
export interface ScanBase {
  release: Release | null
  scan: ScannedTree | null
  /** Why there is nothing to compare with; null when there is. */
  missing: string | null
}

export interface ScanSubject {
  release: Pick<Release, 'sha' | 'version'>
  scan: ScannedTree
  base: ScanBase
  requirement: Requirement
}

/** New findings that are told by name in the evidence. */
const shownFindings = 10

/** The verdict of a scan against the thresholds, over all findings or over the new ones. */
export function scanVerdict(subject: ScanSubject, { project }: Call): Check {
  const { release, scan, base, requirement } = subject
  const { thresholds, count } = project.security
  const delta = base.scan && compareFindings(scan.findings, base.scan.findings)
  const onlyNew = count === 'new' && delta !== null
  const counted = onlyNew ? delta.fresh : scan.findings
  const details = detailsOf(subject, delta, counted)
  const check = { as_of: scan.scanned_at, details }
  const blockers = findingBlockers(summarize(counted), thresholds)
  if (blockers.length > 0) {
    const worst = worstOf(counted).slice(0, 3).map(findingText).join(', ')
    const word = onlyNew ? ` that ${base.release?.version} does not have` : ''
    const text = oneLine(`${blockers.join('; ')}${word}: ${worst}`, 400)
    const fix = `update or remove them; gonogo scan ${nameOf(release)} shows all`
    return { ...failed(name, `${text}; ${fix}`), ...check }
  }
  const problem = enginesProblem(scan)
  if (problem !== null) {
    return { ...couldNotRun(name, requirement, oneLine(problem, 400)), details }
  }
  return { ...passed(name, passedText(subject, onlyNew, count)), ...check }
}

function passedText({ base }: ScanSubject, onlyNew: boolean, count: 'all' | 'new'): string {
  if (onlyNew) {
    return oneLine(`no findings above the thresholds that ${base.release?.version} does not have`)
  }
  const all = count === 'new' ? ', counting all of them' : ''
  return `no findings above the thresholds${all}`
}

/** Nothing was found that blocks, and not everybody looked. */
function enginesProblem({ engines }: ScannedTree): string | null {
  const unable = engines.filter(({ status }) => status === 'could_not_run')
  if (unable.length > 0) {
    const texts = unable.map(({ engine, message }) => `${engine} could not run: ${message}`)
    return `${texts.join('; ')}; see to it and validate again`
  }
  if (engines.some(({ status }) => status === 'ran')) return null
  const reasons = engines.map(({ engine, message }) => `${engine}: ${message}`)
  return `no engine ran, so nothing is known (${reasons.join('; ')})`
}

function detailsOf(
  { release, scan, base }: ScanSubject,
  delta: ScanDelta | null,
  counted: readonly KnownFinding[],
) {
  return {
    sha: release.sha,
    scanned_sha: scan.scanned_sha,
    scanned_at: timestamp(scan.scanned_at),
    severity_summary: summarize(scan.findings),
    counted_summary: summarize(counted),
    engines: scan.engines,
    compared_with: base.release && { sha: base.release.sha, version: base.release.version },
    delta: delta && {
      new: delta.fresh.length,
      fixed: delta.fixed,
      unchanged: delta.unchanged,
      new_findings: worstOf(delta.fresh).slice(0, shownFindings),
    },
    not_compared: base.missing,
  }
}

function worstOf(findings: readonly KnownFinding[]): KnownFinding[] {
  return findings.toSorted(
    (left, right) => severities.indexOf(left.severity) - severities.indexOf(right.severity),
  )
}

/** A tag may be named so that it would do harm on a command line. */
function nameOf({ version, sha }: Pick<Release, 'version' | 'sha'>): string {
  return isPlainWord(version) ? version : sha
}
