import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, itemsAt, valueAt } from './raw.ts'
import { hostOf } from './smoke-url.ts'

/** Steps reach the hosts of the environments and those that are allowed by name, and no other. */
export function stepUrlProblems(
  data: unknown,
  steps: readonly { path: Path; value: unknown }[],
): Problem[] {
  const allowed = itemsAt(data, ['smoke', 'allowed_hosts']).map(({ value }) => String(value))
  const known = new Set([...environmentHosts(data), ...allowed.map((host) => host.toLowerCase())])
  return steps.flatMap(({ path, value }) => {
    const url = valueAt(value, ['url'])
    const kind = valueAt(value, ['kind'])
    if (typeof url !== 'string' || (kind !== undefined && kind !== 'http')) return []
    const host = hostOf(url)
    if (host === null || known.has(host) || known.has(host.replace(/:\d+$/, ''))) return []
    const message = `leads to ${host}, which is no host of an environment: add it to smoke.allowed_hosts`
    return [{ path: [...path, 'url'], message }]
  })
}

function environmentHosts(data: unknown): string[] {
  return environmentNames(data).flatMap((name) => {
    const at: Path = ['environments', name]
    const health = entriesAt(data, [...at, 'health']).map(([, value]) => value)
    const addresses = [valueAt(data, [...at, 'url']), valueAt(data, [...at, 'version', 'url'])]
    return [...addresses, ...health].flatMap((address) =>
      typeof address === 'string' ? (hostOf(address) ?? []) : [],
    )
  })
}
