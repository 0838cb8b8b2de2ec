import { join } from 'node:path'
import type { TestReport } from '../../../core/test-report.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import type { TestReports } from '../../../ports/test-reports.ts'
import { openArchiveBytes, type ArchiveBytes, type OpenDownload } from '../archive/archive-bytes.ts'
import { archiveProblem, reasonOf } from '../archive/archive-problem.ts'
import { readDirectory } from '../archive/zip-directory.ts'
import { readEntry } from '../archive/zip-entry.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { createFile, keepNewest, readText } from '../files.ts'

export interface ArtifactDeps {
  client: GitHubClient
  runtime: Pick<Runtime, 'id'>
  reports: TestReports
  /** Absolute path; what was read is kept in `github/reports/` below it. */
  stateDirectory: string
}

export interface ArtifactReport {
  report: TestReport | null
  /** Why there is no report. */
  problem: string | null
}

const mostArchiveBytes = 256 * 1024 * 1024
const mostKept = 200
const timeLimitMs = 60_000

/**
 * The test reports in an artifact. An artifact never changes, so that it is downloaded once; a problem is
 * another one the next time, perhaps.
 */
export async function readArtifact(
  deps: ArtifactDeps,
  id: string,
  signal?: AbortSignal,
): Promise<ArtifactReport> {
  const directory = join(deps.stateDirectory, 'github', 'reports')
  const path = join(directory, `${id.replaceAll(/\D/g, '')}.json`)
  const known = parse(await readText(path))
  if (known !== null) return { report: known, problem: null }
  const read = await download(deps, id, signal)
  if (read.report !== null) {
    await createFile(path, JSON.stringify(read.report), deps.runtime.id('tmp'))
    await keepNewest(directory, mostKept)
  }
  return read
}

/** A file that is damaged is one that is not there. */
function parse(text: string | null): TestReport | null {
  try {
    return JSON.parse(text ?? 'null') as TestReport | null
  } catch {
    return null
  }
}

async function download(
  { client, reports, stateDirectory }: ArtifactDeps,
  id: string,
  outer?: AbortSignal,
): Promise<ArtifactReport> {
  const late = AbortSignal.timeout(timeLimitMs)
  const signal = outer ? AbortSignal.any([late, outer]) : late
  const params = { artifact_id: id, archive_format: 'zip' }
  const route = '/actions/artifacts/{artifact_id}/{archive_format}'
  const open: OpenDownload = (range) =>
    client.download(route, params, { signal, ...(range && { range }) })
  const scratch = join(stateDirectory, 'github', 'archives')
  let archive: ArchiveBytes | null = null
  try {
    archive = await openArchiveBytes({ download: open, scratch, mostBytes: mostArchiveBytes })
    if (archive === null) throw archiveProblem('GitHub does not have it any more')
    return { report: await readXml(reports, archive), problem: null }
  } catch (error) {
    outer?.throwIfAborted()
    return { report: null, problem: reasonOf(error) }
  } finally {
    await archive?.close()
  }
}

/** Names are compared and shown, never opened. */
async function readXml(reports: TestReports, archive: ArchiveBytes): Promise<TestReport> {
  const { entries, offset } = await readDirectory(archive, (name) => /\.xml$/i.test(name))
  const reading = reports.open()
  for (const entry of entries) {
    await readEntry(archive, entry, offset, (content) => reading.add(entry.name, content))
  }
  return reading.end()
}
