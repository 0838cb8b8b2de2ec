import { isIP } from 'node:net'
import { addressProblem, isLoopback, withoutBrackets } from '../../core/network-address.ts'
import type { NotificationTarget } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'

/** Where a target's messages go, or why they go nowhere. The address is a secret and in no problem. */
export type Place = { url: URL; isLocal: boolean } | { problem: string }

type Env = Readonly<Record<string, string | undefined>>

/** Reads the address from its variable and judges it, without asking anybody anything. */
export function placeOf({ url_env, hosts }: NotificationTarget, env: Env): Place {
  const text = env[url_env]?.trim() ?? ''
  if (text === '') return { problem: `${url_env} is not set` }
  const url = URL.parse(text)
  const problem = url === null ? 'holds no address' : problemOf(url, hosts)
  if (url === null || problem !== null) return { problem: `${url_env} ${problem}` }
  return { url, isLocal: isLoopback(url.hostname) }
}

function problemOf(url: URL, hosts: readonly string[]): string | null {
  const { protocol, hostname, host } = url
  if (protocol !== 'https:' && protocol !== 'http:') return 'holds no http address'
  if (url.username !== '' || url.password !== '') return 'holds an address with a user name in it'
  const known = new Set(hosts.map((each) => each.toLowerCase()))
  if (!known.has(hostname) && !known.has(host) && !known.has(`${hostname}:${portOf(url)}`))
    return `leads to ${oneLine(host, 100)}, which is none of its hosts (${hosts.join(', ')})`
  if (protocol === 'http:' && !isLoopback(hostname)) return 'holds an address without https'
  const ip = withoutBrackets(hostname)
  const reserved = isIP(ip) === 0 ? null : addressProblem(ip)
  return reserved === null ? null : `leads to an address that ${reserved}`
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port
  return protocol === 'https:' ? '443' : '80'
}
