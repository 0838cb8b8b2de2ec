import { setImmediate } from 'node:timers/promises'
import type { Finding } from '../../core/finding.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Scanner, ScanReport } from '../../ports/scanner.ts'
import type { Source } from '../../ports/source.ts'
import { loadSecretRules, type FindSecrets } from './secret-rules.ts'
import { secretSeverity, type SecretHit } from './secret-severity.ts'
import { textOf } from './text-file.ts'

export interface SecretScannerDeps {
  source: Pick<Source, 'files'>
  runtime: Pick<Runtime, 'sha256'>
}

interface Progress {
  scanned: number
  skipped: string[]
  findings: Finding[]
}

const name = 'secretlint'

/**
 * Looks for credentials in every text file of a commit with secretlint's recommended rules, in this
 * process. Comments in the scanned files that switch secretlint off are ignored: a commit cannot
 * lower its own gate. Aborting rejects with the signal's reason.
 */
export function createSecretScanner(deps: SecretScannerDeps): Scanner {
  return {
    name,
    kind: 'secrets',
    describe: () =>
      'read every text file of the commit up to 1 MiB and look for credentials, contacting nothing',
    async scan(sha, { signal }) {
      const progress: Progress = { scanned: 0, skipped: [], findings: [] }
      try {
        await scanFiles(deps, sha, progress, signal)
      } catch (error) {
        signal?.throwIfAborted()
        return report(progress, problemOf(error))
      }
      return report(progress, null)
    },
  }
}

async function scanFiles(
  deps: SecretScannerDeps,
  sha: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const find = await loadSecretRules()
  for await (const file of deps.source.files(sha)) {
    // Rules are synchronous; between files everybody else gets a turn.
    await setImmediate(undefined, signal ? { signal } : {})
    const text = textOf(file.content)
    if (typeof text !== 'string') {
      progress.skipped.push(`${oneLine(file.path)} (${text.skipped})`)
      continue
    }
    progress.findings.push(...(await findingsOf(deps, find, file.path, text)))
    progress.scanned += 1
  }
}

async function findingsOf(
  { runtime }: SecretScannerDeps,
  find: FindSecrets,
  path: string,
  text: string,
): Promise<Finding[]> {
  const hits = await find(path, text)
  return hits.map(({ title, line, url, ...hit }) => ({
    id: `${hit.rule}/${hit.messageId}`,
    title,
    severity: secretSeverity(hit),
    package: null,
    affected_versions: null,
    fixed_version: null,
    description: `${title} in ${oneLine(path)}, line ${line}. Revoke it, then remove it: whoever has the repository has it.`,
    cvss_score: null,
    references: url === undefined ? [] : [url],
    source: name,
    scope: null,
    path: oneLine(path, 500),
    line,
    fingerprint: fingerprint(runtime, hit),
  }))
}

function fingerprint(runtime: Pick<Runtime, 'sha256'>, hit: SecretHit): string {
  return runtime.sha256([hit.rule, hit.path, runtime.sha256(hit.value)].join('\0'))
}

function problemOf(error: unknown): string {
  // Any other error may quote what it stumbled over.
  return error instanceof Failure ? error.message : 'a rule failed'
}

function report({ scanned, skipped, findings }: Progress, problem: string | null): ScanReport {
  const count = findings.length === 0 ? 'no secrets' : `${findings.length} possible secret(s)`
  const left = skipped.length === 0 ? '' : `; ${skipped.length} not scanned (binary or over 1 MiB)`
  const summary = `${count} in ${scanned} text file(s)${left}`
  return {
    ran: problem === null && scanned > 0,
    applies: problem !== null || scanned > 0,
    findings,
    message: problem === null ? summary : `could not scan every file: ${problem}; ${summary}`,
    details: {
      files_scanned: scanned,
      files_skipped_count: skipped.length,
      files_skipped: skipped.slice(0, 20),
    },
  }
}
