import type { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { addressProblem, isLoopback } from '../../core/network-address.ts'

/**
 * Looks a name up and refuses what may not be asked: whoever runs a name server decides what a name
 * stands for. Through a proxy, names are looked up by the proxy.
 */
export function guarded(look: typeof lookup, mayBeLocal: boolean): LookupFunction {
  return (hostname, options, callback) => {
    look(hostname, options, (error, found, family) => {
      const addresses =
        typeof found === 'string' ? [found] : (found ?? []).map((one) => one.address)
      const problem = error ? null : addresses.map((ip) => problemOf(ip, mayBeLocal)).find(Boolean)
      callback(problem ? new Error(`its name stands for ${problem}`) : error, found, family)
    })
  }
}

function problemOf(ip: string, mayBeLocal: boolean): string | null {
  if (isLoopback(ip)) return mayBeLocal ? null : `${ip}, which is this machine`
  const problem = addressProblem(ip)
  return problem === null ? null : `${ip}, which ${problem}`
}
