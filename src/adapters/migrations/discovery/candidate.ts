import type { MigrationFramework } from '../../../core/migration.ts'

/** Files that may be a set of migrations, told by their names; some have to be read to be sure. */
export interface Candidate {
  framework: MigrationFramework
  /** Slash-separated, relative to the root; empty for the root itself. */
  directory: string
  /** In the order in which they are applied, as far as names tell. */
  paths: string[]
  /** What every candidate of this kind needs in its text; null: the names say enough. */
  confirm: ((texts: readonly string[]) => boolean) | null
}

/** Where a look goes: the whole tree, or below a directory that somebody named. */
export interface Place {
  /** Empty: the whole tree. */
  root: string
  /** A directory that was named is believed more than one that was come across. */
  named: boolean
}

const foreign =
  /^(?:node_modules|bower_components|vendor|third_party|site-packages|__pycache__|\.git|\.tox|\.?venv)$/
const rehearsal = /^(?:tests?|__tests__|specs?|test[-_]?data|(?:__)?fixtures(?:__)?)$/
const otherSql = /^(?:seeds?|seeders|queries)$/

/** The paths below a place that can belong to the project: no libraries, no material of tests. */
export function pathsAt(paths: readonly string[], { root }: Place): string[] {
  const start = root === '' ? '' : `${root}/`
  return paths.filter((path) => {
    if (!path.startsWith(start)) return false
    const folders = path.slice(start.length).split('/').slice(0, -1)
    return !folders.some(
      (name) => foreign.test(name) || rehearsal.test(name) || otherSql.test(name),
    )
  })
}

/** The directory of a path; empty at the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** As people count: `2_x` before `10_x`, `V1.2` before `V1.10`. Equal numbers leave it to the name. */
export function inNumberOrder(one: string, other: string): number {
  const left = numbers(one)
  const right = numbers(other)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [a, b] = [left[index] ?? 0n, right[index] ?? 0n]
    if (a !== b) return a < b ? -1 : 1
  }
  return one < other ? -1 : Number(one > other)
}

/** The parts of a leading version, which may begin with a letter as Flyway's does. */
function numbers(name: string): bigint[] {
  const [version = ''] = /^[A-Za-z]?\d+(?:[._]\d+)*/.exec(name) ?? []
  return version.match(/\d+/g)?.map((part) => BigInt(part.slice(0, 50))) ?? []
}
