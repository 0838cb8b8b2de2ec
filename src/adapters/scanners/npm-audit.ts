import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { basename } from 'node:path/posix'
import type { Processes } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Scanner, ScanReport } from '../../ports/scanner.ts'
import type { Source } from '../../ports/source.ts'
import { npmAudit, npmEnvironment } from './npm-command.ts'
import { findLockedProjects, type LockedProject } from './npm-locks.ts'
import { isManifest, npmMessage, parseLock, readAudit, type AuditOutcome } from './npm-report.ts'
import { dependencyReport, type AuditedProject } from './npm-summary.ts'

export interface DependencyScannerDeps {
  source: Pick<Source, 'files' | 'readFile'>
  processes: Pick<Processes, 'run'>
  runtime: Pick<Runtime, 'now' | 'sha256'>
  /** Registry to ask; null: what the user's own npm configuration says, credentials included. */
  registry: string | null
  /** What npm needs to start: PATH, HOME, and the proxy variables where there is a proxy. */
  env: Record<string, string>
}

const timeLimitMs = 120_000
const mostProjects = 20

/**
 * Asks npm's advisory database about every lock file of a commit. npm sees only the lock file and its
 * package.json, in a directory of its own: no install, no scripts, none of the commit's npm settings.
 * Aborting rejects with the signal's reason.
 */
export function createDependencyScanner(deps: DependencyScannerDeps): Scanner {
  return {
    name: 'npm-audit',
    kind: 'dependencies',
    describe: () =>
      `run npm audit on every npm lock file of the commit, sending package names and versions to ${npmMessage(deps.registry ?? "npm's configured registry")}`,
    async scan(sha, { signal }) {
      try {
        return await auditAll(deps, sha, signal)
      } catch (error) {
        signal?.throwIfAborted()
        return couldNotRun(error instanceof Error ? error.message : String(error))
      }
    },
  }
}

async function auditAll(
  deps: DependencyScannerDeps,
  sha: string,
  signal?: AbortSignal,
): Promise<ScanReport> {
  const projects = await findLockedProjects(deps.source, sha)
  if (projects.length === 0) {
    const message = 'no npm lock file in this commit'
    return { ran: false, applies: false, findings: [], message, details: {} }
  }
  const deadline = deps.runtime.now() + timeLimitMs
  const audited: AuditedProject[] = []
  for (const project of projects.slice(0, mostProjects)) {
    const outcome = await auditProject(deps, project, deadline, signal)
    audited.push({ path: project.path, outcome })
  }
  const problem = `only ${mostProjects} lock files are audited`
  for (const { path } of projects.slice(mostProjects)) audited.push({ path, outcome: { problem } })
  return dependencyReport(audited, deps.runtime)
}

async function auditProject(
  deps: DependencyScannerDeps,
  { path, lock, manifest }: LockedProject,
  deadline: number,
  signal?: AbortSignal,
): Promise<AuditOutcome> {
  const parsed = parseLock(textOf(lock))
  if (parsed === null) return { problem: 'not a lock file of npm' }
  if (manifest === null) return { problem: 'there is no package.json beside it' }
  if (!isManifest(textOf(manifest))) return { problem: 'the package.json beside it is not JSON' }
  const timeoutMs = deadline - deps.runtime.now()
  if (timeoutMs <= 0) return { problem: `the time limit of ${timeLimitMs / 1000} s is over` }
  const scratch = await mkdtemp(join(tmpdir(), 'gonogo-npm-'))
  try {
    const cwd = join(scratch, 'project')
    await mkdir(cwd)
    await writeFile(join(cwd, basename(path)), lock)
    await writeFile(join(cwd, 'package.json'), manifest)
    const result = await deps.processes.run(npmAudit, {
      cwd,
      env: npmEnvironment(deps.env, scratch, deps.registry),
      timeoutMs,
      ...(signal ? { signal } : {}),
    })
    if (result.timedOut) return { problem: `npm audit took longer than ${timeLimitMs / 1000} s` }
    return readAudit(textOf(result.stdout), parsed, path)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function couldNotRun(problem: string): ScanReport {
  const message = `could not audit dependencies: ${npmMessage(problem)}`
  return { ran: false, applies: true, findings: [], message, details: {} }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
