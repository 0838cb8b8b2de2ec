import type { Finding, Severity } from '../../src/core/finding.ts'

/** A finding of a severity; nothing else about it matters. */
export function finding(severity: Severity, title = `a ${severity} one`): Finding {
  return {
    id: 'RULE-1',
    title,
    severity,
    package: null,
    affected_versions: null,
    fixed_version: null,
    description: '',
    cvss_score: null,
    references: [],
    source: 'secretlint',
    scope: null,
    path: 'src/a.js',
    line: 3,
    fingerprint: title,
  }
}
