import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { addressProblem, isLoopback } from '../../core/network-address.ts'

/** How a name is looked up; handed in by tests. */
export type Resolve = (
  host: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6' | undefined },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A name that stands for an address nothing is sent to. */
export const refusedAddress = 'EREFUSEDADDRESS'

/**
 * What was checked is what is connected to: the connection takes its addresses from here. One bad address
 * among several is enough. `mustBeLocal`: without HTTPS nothing leaves this machine, whatever a name
 * server says that `localhost` is.
 */
export function checkedLookup(resolve: Resolve, mustBeLocal: boolean): LookupFunction {
  return (host, options, done) => {
    resolve(host, { all: true, family: options.family }, (error, addresses) => {
      const problem = error ? null : (addresses ?? []).map(judge(mustBeLocal)).find(Boolean)
      const refused = problem ? failure(`its name leads to ${problem}`, refusedAddress) : null
      const [first] = addresses ?? []
      if (error || refused || !first)
        done(error ?? refused ?? failure('no address', 'ENOTFOUND'), [])
      else if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function judge(mustBeLocal: boolean): (found: LookupAddress) => string | null {
  return ({ address }) => {
    if (mustBeLocal && !isLoopback(address)) return `${address}, which is not this machine`
    const problem = addressProblem(address)
    return problem === null ? null : `${address}, which ${problem}`
  }
}

function failure(message: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}
