import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { isIP } from 'node:net'
import { oneLine } from '../../core/text.ts'
import type { SmokeCertificate } from '../../ports/probe.ts'
import type { Hosts } from './hosts.ts'
import type { Limits } from './limits.ts'

const dayMs = 86_400_000

/** The certificate of a connection, or null when the other side showed none. */
export function certificateOf(socket: TLSSocket, now = Date.now()): SmokeCertificate | null {
  const { subject, issuer, valid_to } = socket.getPeerCertificate() as Partial<PeerCertificate>
  const ends = Date.parse(valid_to ?? '')
  if (Number.isNaN(ends)) return null
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    valid_to: new Date(ends).toISOString(),
    days_left: Math.floor((ends - now) / dayMs),
  }
}

function nameOf(name: Partial<PeerCertificate['subject']> | undefined): string {
  return oneLine(name?.CN ?? name?.O ?? '', 100) || 'nobody'
}

/**
 * Looks at a certificate that was refused, to say what is wrong with it. Nothing is sent over this
 * connection. Null when it cannot be had.
 */
export function inspectCertificate(
  { hostname, port }: URL,
  hosts: Pick<Hosts, 'lookup'>,
  { remainingMs, signal }: Limits,
): Promise<SmokeCertificate | null> {
  const { promise, resolve } = Promise.withResolvers<SmokeCertificate | null>()
  if (remainingMs <= 0 || signal?.aborted) return Promise.resolve(null)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const named = isIP(host) === 0 ? { servername: host } : {}
  const target = { host, port: Number(port || 443), lookup: hosts.lookup, ...named }
  const socket = connect({ ...target, rejectUnauthorized: false })
  const nothing = () => resolve(null)
  const timer = setTimeout(nothing, remainingMs)
  signal?.addEventListener('abort', nothing)
  socket.once('secureConnect', () => resolve(certificateOf(socket)))
  socket.on('error', nothing).on('close', nothing)
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', nothing)
    socket.destroy()
  })
}

/** `(subject shop.test, expired 12 days ago)` */
export function certificateText({ subject, issuer, days_left }: SmokeCertificate): string {
  const left = days_left < 0 ? `expired ${-days_left} day(s) ago` : `${days_left} day(s) left`
  return `(subject ${subject}, issued by ${issuer}, ${left})`
}
