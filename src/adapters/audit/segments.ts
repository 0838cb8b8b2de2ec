import { existsSync, readdirSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseAuditLine } from '../../core/audit.ts'
import { syncDirectory } from './file.ts'
import { firstLineOf } from './tail.ts'

/** An earlier file of a rotated log: `audit.jsonl.1-2000`. */
export interface Segment {
  path: string
  first: number
  last: number
}

/** The earlier files of a log, oldest first. */
export function segmentsOf(path: string): Segment[] {
  const directory = dirname(path)
  if (!existsSync(directory)) return []
  const prefix = `${basename(path)}.`
  return readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const [, first, last] = /^(\d+)-(\d+)$/.exec(name.slice(prefix.length)) ?? []
      if (first === undefined) return []
      return [{ path: join(directory, name), first: Number(first), last: Number(last) }]
    })
    .toSorted((left, right) => left.first - right.first)
}

/** Puts the log's file aside, so that the next line begins a new one. */
export function setSegmentAside(path: string, last: number): void {
  const first = parseAuditLine(firstLineOf(path) ?? '')?.seq ?? 1
  const target = `${path}.${first}-${last}`
  if (existsSync(target)) throw new Error(`${target} exists: the log cannot go on in a new file`)
  renameSync(path, target)
  syncDirectory(dirname(path))
}
