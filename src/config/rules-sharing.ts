import { isAbsolute, relative } from 'node:path'
import type { Path, Problem } from './problems.ts'
import { environmentNames, valueAt } from './raw.ts'
import { effectivePort } from './urls.ts'

/** Two environments in one directory would deploy over each other. */
export function sharedDirectories(data: unknown, resolvePath: (path: string) => string): Problem[] {
  return conflicts(data, ['local', 'directory'], (left, right) => {
    const [one, other] = [resolvePath(left), resolvePath(right)]
    return isWithin(one, other) || isWithin(other, one)
      ? 'must not be, contain or lie in the directory of'
      : null
  })
}

/** Two environments on one host and port are one system under two names. */
export function sharedHosts(data: unknown): Problem[] {
  return conflicts(data, ['url'], (left, right) => {
    const port = effectivePort(left)
    return port !== undefined && port === effectivePort(right)
      ? `must not share host and port (${port}) with`
      : null
  })
}

/** Compares a text of each environment with that of those before it. */
function conflicts(
  data: unknown,
  key: Path,
  problem: (left: string, right: string) => string | null,
): Problem[] {
  const found: Problem[] = []
  const seen: { name: string; value: string }[] = []
  for (const name of environmentNames(data)) {
    const path = ['environments', name, ...key]
    const value = valueAt(data, path)
    if (typeof value !== 'string') continue
    for (const other of seen) {
      const message = problem(value, other.value)
      if (message) found.push({ path, message: `${message} ${other.name}` })
    }
    seen.push({ name, value })
  }
  return found
}

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner)
  return path === '' || (path !== '..' && !path.startsWith('../') && !isAbsolute(path))
}
