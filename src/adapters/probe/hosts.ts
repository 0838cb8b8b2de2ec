import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { addressProblem } from '../../core/network-address.ts'
import { oneLine } from '../../core/text.ts'

/** Which hosts a run may reach, and how their names become addresses. */
export interface Hosts {
  /** Why a host must not be reached, before anything is sent; null: it may. */
  refusal(host: string, port: number): string | null
  /** As `refusal`, for a host that the operator's own variables name: only its address is judged. */
  addressRefusal(host: string): string | null
  /** For `net`, `tls` and `http`: refuses addresses that nothing may be asked of. */
  lookup: LookupFunction
}

/** How a name is looked up; handed in by tests. */
export type Resolve = (
  host: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6' | undefined },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** `allowed` holds `host` for all ports of it, or `host:port`. */
export function createHosts(allowed: readonly string[], resolve: Resolve = systemLookup): Hosts {
  const known = new Set(allowed.map((entry) => entry.toLowerCase()))
  // A suite asks the same few hosts over and over.
  const ofAddress = remembered(addressRefusal)
  const ofPlace = remembered((place) => {
    const host = place.replace(/:\d+$/, '')
    return known.has(host) || known.has(place) ? ofAddress(host) : notConfigured(place)
  })
  const refusal = (host: string, port: number) => ofPlace(`${host.toLowerCase()}:${port}`)
  return { refusal, addressRefusal: ofAddress, lookup: checkedLookup(resolve) }
}

function remembered(judge: (text: string) => string | null): (text: string) => string | null {
  const answers = new Map<string, string | null>()
  return (text) => {
    const before = answers.get(text)
    if (before !== undefined) return before
    const answer = judge(text)
    answers.set(text, answer)
    return answer
  }
}

function notConfigured(address: string): string {
  const place = oneLine(address, 100)
  return `${place} is not a configured host: add ${JSON.stringify(place)} to smoke.allowed_hosts in gonogo.yaml`
}

function addressRefusal(host: string): string | null {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const problem = isIP(address) === 0 ? null : addressProblem(address)
  return problem === null ? null : refusalOf(address, problem)
}

function refusalOf(address: string, problem: string): string {
  return `refused: ${address} ${problem}, and nothing is asked of such addresses`
}

/**
 * What was checked is what is connected to: the connection takes its addresses from here and looks
 * nothing up itself. One bad address among several is enough, since any of them may be taken.
 */
function checkedLookup(resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, { all: true, family: options.family }, (error, addresses) => {
      const refused = error ? null : refusalAmong(host, addresses)
      const [first] = addresses ?? []
      if (error || refused || !first) done(error ?? refused ?? unknownName(host), [])
      else if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function refusalAmong(host: string, addresses: readonly LookupAddress[]): Error | null {
  for (const { address } of addresses) {
    const problem = addressProblem(address)
    if (problem === null) continue
    const message = `${oneLine(host, 100)} leads to ${address}: ${refusalOf(address, problem)}`
    return new Error(message)
  }
  return null
}

function unknownName(host: string): Error {
  return Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' })
}
