import type { Path } from './problems.ts'

/** The value at `path`, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    root,
  )
}

/** The entries of a mapping; none when it is not one. */
export function entriesAt(data: unknown, path: Path): [string, unknown][] {
  const value = valueAt(data, path)
  const isMapping = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isMapping ? Object.entries(value) : []
}

/** The items of a list with their paths; none when it is not one. */
export function itemsAt(data: unknown, path: Path): { path: Path; value: unknown }[] {
  const value = valueAt(data, path)
  if (!Array.isArray(value)) return []
  return value.map((item: unknown, index) => ({ path: [...path, index], value: item }))
}

/** The names of the environments, as far as there are any. */
export function environmentNames(data: unknown): string[] {
  return entriesAt(data, ['environments']).map(([name]) => name)
}
