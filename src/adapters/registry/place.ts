import { isIP } from 'node:net'
import { addressProblem, isLoopback, withoutBrackets } from '../../core/network-address.ts'

/** Where one image is. */
export interface Place {
  /** As people write it, such as `ghcr.io`. */
  host: string
  /** Where the API is. */
  origin: string
  /** Repository, in lower case. */
  name: string
  /** On this machine, where HTTP is good enough. */
  isLocal: boolean
  /** What the registry is called where credentials are kept; the first is what helper programs are asked. */
  logins: readonly string[]
}

// Docker Hub is the one registry that answers under another name than the one in its references, and
// that credentials are kept for under a third.
const hub = { host: 'docker.io', api: 'registry-1.docker.io', login: 'https://index.docker.io/v1/' }

/** Of registry and repository, such as `ghcr.io/acme/api`. */
export function placeOf(image: string): Place {
  const lower = image.toLowerCase()
  const slash = lower.indexOf('/')
  const [host, name] = [lower.slice(0, slash), lower.slice(slash + 1)]
  if (host === hub.host) {
    const logins = [hub.login, 'index.docker.io', hub.host, hub.api]
    // Images without an owner are Docker's own, below `library`.
    const full = name.includes('/') ? name : `library/${name}`
    return { host, origin: `https://${hub.api}`, name: full, isLocal: false, logins }
  }
  const isLocal = isLoopback(new URL(`http://${host}`).hostname)
  const { origin } = new URL(`${isLocal ? 'http' : 'https'}://${host}`)
  return { host, origin, name, isLocal, logins: [host] }
}

/** Why a registry may not send gonogo to this address; null: it may. */
export function whyNotTo(url: URL, place: Place): string | null {
  if (url.username !== '' || url.password !== '') return 'which has a user name in it'
  if (isLoopback(url.hostname)) return place.isLocal ? null : 'which is this machine'
  if (url.protocol !== 'https:') return 'which is not HTTPS'
  const ip = withoutBrackets(url.hostname)
  const problem = isIP(ip) === 0 ? null : addressProblem(ip)
  return problem === null ? null : `which ${problem}`
}
