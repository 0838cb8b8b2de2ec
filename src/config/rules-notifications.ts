import { addressProblem } from '../core/network-address.ts'
import type { Path, Problem } from './problems.ts'
import { itemsAt, valueAt } from './raw.ts'

/** Targets that nothing could be sent to, or not as meant. */
export function notificationRules(data: unknown): Problem[] {
  return itemsAt(data, ['notifications']).flatMap(({ path, value }) => [
    ...secretOfNobody(path, value),
    ...secretThatIsTheAddress(path, value),
    ...reservedHosts(path, value),
  ])
}

function secretOfNobody(path: Path, target: unknown): Problem[] {
  const kind = valueAt(target, ['kind'])
  if (kind === 'webhook' || valueAt(target, ['secret_env']) === undefined) return []
  const message = `is for kind: webhook; ${String(kind)} messages are not signed`
  return [{ path: [...path, 'secret_env'], message }]
}

function secretThatIsTheAddress(path: Path, target: unknown): Problem[] {
  const secret = valueAt(target, ['secret_env'])
  if (secret === undefined || secret !== valueAt(target, ['url_env'])) return []
  return [
    { path: [...path, 'secret_env'], message: 'is url_env: give the secret its own variable' },
  ]
}

function reservedHosts(path: Path, target: unknown): Problem[] {
  return itemsAt(target, ['hosts']).flatMap((host) => {
    const ip = typeof host.value === 'string' ? host.value.replace(/:\d+$/, '') : ''
    const problem = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(ip) ? addressProblem(ip) : null
    if (problem === null) return []
    return [{ path: [...path, ...host.path], message: `${problem}: nothing is sent there` }]
  })
}
