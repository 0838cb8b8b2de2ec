import { connect } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { TestCertificate } from '../../../support/certificates.ts'
import { listener, type Listener } from './step-run.ts'

/**
 * Speaks TLS in front of a service that does not. With `asked`, once a client has asked for it as those
 * of PostgreSQL do.
 */
export async function tlsFront(
  certificate: TestCertificate,
  port: number,
  asked: 'at once' | 'asked',
): Promise<Listener> {
  const secureContext = createSecureContext(certificate)
  return await listener((socket) => {
    const open = () => {
      const secure = new TLSSocket(socket, { isServer: true, secureContext })
      const behind = connect(port, '127.0.0.1')
      secure.pipe(behind).pipe(secure)
      for (const each of [secure, behind]) each.on('error', () => behind.destroy())
      socket.on('close', () => behind.destroy())
    }
    if (asked === 'at once') return open()
    socket.once('data', () => {
      socket.write('S')
      open()
    })
  })
}
