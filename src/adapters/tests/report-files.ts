import { constants } from 'node:fs'
import { glob, open, realpath, rm, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { TestReport } from '../../core/test-report.ts'
import { oneLine } from '../../core/text.ts'
import type { TestReports } from '../../ports/test-reports.ts'

/** Where a test command writes its reports. */
export interface ReportPlace {
  /** Root of the clean copy, as the file system calls it; nothing outside of it is touched. */
  tree: string
  /** Directory of the command. */
  directory: string
  /** Relative to it. */
  pattern: string
}

/** Removes what is there before the command ran: a report that was committed says nothing about now. */
export async function removeReports(place: ReportPlace): Promise<void> {
  for (const name of await matches(place)) {
    const path = join(place.directory, name)
    if (await isInside(place, path)) await rm(path, { recursive: true, force: true })
  }
}

/** All of them as one report. Links out of the tree, pipes and devices are refused. */
export async function readReports(reports: TestReports, place: ReportPlace): Promise<TestReport> {
  const reading = reports.open()
  for (const name of await matches(place)) {
    const path = join(place.directory, name)
    if (!(await isInside(place, path))) throw refused(name, 'is a link out of the tree')
    // Opening a pipe would wait for whoever writes to it.
    const file = await open(await realpath(path), constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const facts = await file.stat()
      if (facts.isDirectory()) continue
      if (!facts.isFile()) throw refused(name, 'is no regular file')
      await reading.add(name, piecesOf(file))
    } finally {
      await file.close()
    }
  }
  return reading.end()
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024))
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

async function matches({ directory, pattern }: ReportPlace): Promise<string[]> {
  const names = await Array.fromAsync(glob(pattern, { cwd: directory }))
  return names.toSorted()
}

async function isInside({ tree }: ReportPlace, path: string): Promise<boolean> {
  // A link that leads nowhere leads out, too.
  const real = await realpath(path).catch(() => '')
  return real.startsWith(tree + sep)
}

function refused(name: string, why: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${oneLine(name)} ${why}`,
    hint: 'let the test command write a plain file there',
  })
}
