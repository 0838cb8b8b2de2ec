import { isUtf8 } from 'node:buffer'
import { closeSync, createReadStream, fstatSync, openSync } from 'node:fs'
import { withState, type HeadDeps } from './head.ts'
import { lineSplitter } from './lines.ts'
import { segmentsOf } from './segments.ts'

/** The files of a log as they were at one moment: what is appended later is not read. */
export interface Snapshot {
  files: { path: string; fd: number; size: number }[]
  close(): void
}

/** Opens all files of a log, so that a rotation meanwhile changes nothing of what is read. */
export function snapshotOf(path: string): Snapshot {
  const files: Snapshot['files'] = []
  const close = () => files.forEach(({ fd }) => closeSync(fd))
  try {
    for (const each of [...segmentsOf(path).map((segment) => segment.path), path]) {
      const fd = openExisting(each)
      if (fd === null) continue
      const stat = fstatSync(fd)
      files.push({ path: each, fd, size: stat.size })
      if (!stat.isFile()) throw new Error('not a regular file')
    }
  } catch (error) {
    close()
    throw error
  }
  return { files, close }
}

/** The same while nobody writes: between a look and an opening a file could be put aside, and be missing. */
export async function quietSnapshot(deps: HeadDeps): Promise<Snapshot> {
  return withState(deps, () => snapshotOf(deps.path))
}

function openExisting(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Hands over every complete line of the files in order; says where a file ends without a newline. */
export async function walk(
  { files }: Snapshot,
  take: (line: Buffer) => void,
): Promise<{ line: number; bytes: number }[]> {
  const unfinished: { line: number; bytes: number }[] = []
  let lines = 0
  for (const { path, fd, size } of files) {
    const splitter = lineSplitter((line) => {
      lines += 1
      take(line)
    })
    if (size > 0) {
      const options = { fd, start: 0, end: size - 1, autoClose: false, highWaterMark: 256 * 1024 }
      for await (const chunk of createReadStream(path, options)) splitter.push(chunk as Buffer)
    }
    if (splitter.rest() > 0) unfinished.push({ line: lines + 1, bytes: splitter.rest() })
  }
  return unfinished
}

/** The same, line by line at the reader's own pace. */
export async function* linesOf({ files }: Snapshot): AsyncGenerator<string> {
  for (const { path, fd, size } of files) {
    if (size === 0) continue
    let ready: string[] = []
    const splitter = lineSplitter((line) => ready.push(line.toString()))
    const options = { fd, start: 0, end: size - 1, autoClose: false }
    for await (const chunk of createReadStream(path, options)) {
      splitter.push(chunk as Buffer)
      yield* ready
      ready = []
    }
  }
}

/** Bytes that decode to the text that was written may still be others. */
export function isText(line: Buffer): boolean {
  return isUtf8(line)
}
