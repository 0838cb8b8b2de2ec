import type { Operation } from './operation.ts'

export interface Route {
  /** `GET /repos/{owner}/...`, as in GitHub's description. */
  name: string
  operation: Operation
  params: Record<string, string>
}

/** Variables that may hold slashes: branches, tags and paths. */
const deep = new Set(['ref', 'path', 'branch', 'basehead', 'package_name'])

/** Finds the operation of a request; the path is as it came, still encoded. */
export function router(
  operations: readonly Operation[],
): (method: string, path: string) => Route | null {
  const table = operations.map((operation) => ({ operation, ...compile(operation.path) }))
  // `/commits/{ref}/status` before `/commits/{ref}`, whose variable would swallow it.
  table.sort((a, b) => b.literals - a.literals)
  return (method, path) => {
    for (const { operation, pattern, names } of table) {
      if (operation.method !== method) continue
      const found = pattern.exec(path)
      if (found === null) continue
      const params = Object.fromEntries(
        names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]),
      )
      return { name: `${operation.method} ${operation.path}`, operation, params }
    }
    return null
  }
}

function compile(template: string): { pattern: RegExp; names: string[]; literals: number } {
  const names: string[] = []
  const segments = template.split('/').map((segment) => {
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? []
    if (name === undefined) return segment.replaceAll('.', '\\.')
    names.push(name)
    return deep.has(name) ? '(.+?)' : '([^/]+)'
  })
  const literals = template.split('/').length - names.length
  return { pattern: new RegExp(`^${segments.join('/')}$`), names, literals }
}
