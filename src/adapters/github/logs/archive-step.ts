import { openArchiveBytes, type ArchiveBytes, type OpenDownload } from '../archive/archive-bytes.ts'
import { archiveProblem, reasonOf } from '../archive/archive-problem.ts'
import { readEnd, type LogLimits, type LogPart } from './log-part.ts'
import { windowOf } from './step-tail.ts'
import { readDirectory, type ZipDirectory, type ZipEntry } from '../archive/zip-directory.ts'
import { readEntry } from '../archive/zip-entry.ts'

export interface ArchiveStepOptions {
  /** Name of the job, as GitHub shows it. */
  job: string
  step: { number: number; started_at?: string | null; completed_at?: string | null }
  limits: LogLimits
  /** Absolute path of a private directory, for servers that send only the whole archive. */
  scratch: string
  /** Of the archive; default 512 MB. */
  mostBytes?: number
}

const mostArchiveBytes = 512 * 1024 * 1024

/**
 * The last lines of one step out of the archive of a run. Only that step's entry is inflated, or the
 * one of its whole job where GitHub left the steps out. Never fails: `problem` says what is missing.
 */
export async function readArchiveStep(
  download: OpenDownload,
  options: ArchiveStepOptions,
): Promise<LogPart> {
  const { scratch, mostBytes = mostArchiveBytes } = options
  let archive: ArchiveBytes | null = null
  try {
    archive = await openArchiveBytes({ download, scratch, mostBytes })
    if (archive === null) throw archiveProblem('GitHub has no archive of this run (any more)')
    const { lines, problem } = await readStep(archive, options)
    return { lines, problem }
  } catch (error) {
    return { lines: [], problem: reasonOf(error) }
  } finally {
    await archive?.close()
  }
}

async function readStep(archive: ArchiveBytes, options: ArchiveStepOptions): Promise<LogPart> {
  const { job, step, limits } = options
  const directory = await readDirectory(archive, (name) => kindOf(name, job, step.number) !== null)
  const ofKind = (kind: string) =>
    directory.entries.filter(({ name }) => kindOf(name, job, step.number) === kind)
  const own = only(ofKind('step'))
  if (own) return readPart(archive, directory, own, (content) => readEnd(content, limits))
  const whole = only(ofKind('job'))
  if (!whole) throw archiveProblem('the archive has no log of this step')
  return readPart(archive, directory, whole, async (content) => {
    const part = await readEnd(content, limits, windowOf(step))
    const problem = part.problem ?? (part.ofStep ? null : 'the archive does not tell steps apart')
    return { ...part, problem }
  })
}

/** Two that claim to be the same leave open which one is. */
function only(entries: readonly ZipEntry[]): ZipEntry | undefined {
  if (entries.length > 1) throw archiveProblem('the archive has two logs that could be this one')
  return entries[0]
}

async function readPart(
  archive: ArchiveBytes,
  directory: ZipDirectory,
  entry: ZipEntry,
  read: (content: AsyncIterable<Uint8Array>) => Promise<LogPart>,
): Promise<LogPart> {
  let part: LogPart = { lines: [], problem: null }
  try {
    await readEntry(archive, entry, directory.offset, async (content) => {
      part = await read(content)
    })
    return part
  } catch (error) {
    return { lines: part.lines, problem: part.problem ?? reasonOf(error) }
  }
}

/** `deploy/3_Run migrations.txt` holds a step, `0_deploy.txt` a whole job. Compared, never opened. */
function kindOf(name: string, job: string, step: number): 'step' | 'job' | null {
  const [first = '', second, more] = name.split('/')
  if (more !== undefined) return null
  if (second === undefined) {
    const whole = /^-?\d+_(.*)\.txt$/s.exec(first)?.[1]
    return whole !== undefined && fileName(whole) === fileName(job) ? 'job' : null
  }
  return fileName(first) === fileName(job) && second.startsWith(`${step}_`) ? 'step' : null
}

/** GitHub leaves out what file names cannot hold, and cuts long names. */
function fileName(name: string): string {
  return name
    .replace(/[\\/:*?"<>|\p{Cc}]/gu, '')
    .slice(0, 90)
    .trim()
}
