import { isAbsolute, resolve } from 'node:path'
import {
  readVariable,
  type environmentVariables,
  type ProcessEnv,
} from './environment-variables.ts'
import type { Path } from './problems.ts'
import { valueAt } from './raw.ts'

/** A value of the file that a variable replaces. */
export interface Override {
  variable: keyof typeof environmentVariables
  path: Path
  value: string
}

/** The overrides that apply to this data: a URL only where the environment exists. */
export function overridesFor(data: unknown, env: ProcessEnv, cwd: string): Override[] {
  const candidates = [
    { variable: 'STAGING_URL', path: ['environments', 'staging', 'url'] },
    { variable: 'PRODUCTION_URL', path: ['environments', 'production', 'url'] },
    { variable: 'GITHUB_API_URL', path: ['github', 'api_url'] },
    { variable: 'DEPLOYMENT_AUDIT_LOG', path: ['audit_log'] },
    { variable: 'GONOGO_STATE_DIR', path: ['state_directory'] },
  ] as const
  return candidates.flatMap(({ variable, path }) => {
    const text = readVariable(env, variable)
    if (text === undefined || !isMapping(sectionAt(data, path.slice(0, -1)))) return []
    // Paths typed in a shell are relative to it, not to the file.
    const value =
      path.length > 1 || isAbsolute(text) || text.startsWith('~/') ? text : resolve(cwd, text)
    return [{ variable, path, value }]
  })
}

/** The mapping a value is put into. `github` has a default for every key, so it may be left out. */
function sectionAt(data: unknown, path: Path): unknown {
  const section = valueAt(data, path)
  if (path[0] !== 'github') return section
  return valueAt(data, ['pipeline']) === 'github' ? (section ?? {}) : undefined
}

/** A copy of the data with the overrides put in. */
export function applyOverrides(data: unknown, overrides: readonly Override[]): unknown {
  const copy = structuredClone(data)
  for (const { path, value } of overrides) {
    const above = path.slice(0, -1)
    const parent = sectionAt(copy, above) as Record<PropertyKey, unknown>
    parent[path.at(-1)!] = value
    const root = copy as Record<PropertyKey, unknown>
    if (above.length === 1) root[above[0]!] = parent
  }
  return copy
}

/** The override of the value at this path, if there is one. */
export function overrideOf(overrides: readonly Override[], path: Path): Override | undefined {
  return overrides.find((override) => samePath(override.path, path))
}

function samePath(left: Path, right: Path): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index])
}

function isMapping(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
