import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { StepRun } from '../step-outcome.ts'
import type { Tell } from './attempt.ts'
import { tlsOptions, type Security } from './service-url.ts'

/** Connected, and for TLS: with a certificate that is right. Closed with the signal. */
export async function openSocket(
  { host, port, security }: { host: string; port: number; security: Security },
  { run, signal, tell }: { run: StepRun; signal: AbortSignal; tell: Tell },
): Promise<Socket> {
  const target = { host, port, lookup: run.hosts.lookup, signal }
  const tls = tlsOptions(security, host)
  const socket = tls === null ? connect(target) : connectTls({ ...target, ...tls })
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  // Stays attached: the end of the attempt closes it with an error of its own.
  socket.on('error', reject)
  socket.once('connect', () => tell('no answer'))
  socket.once(tls === null ? 'connect' : 'secureConnect', () => resolve(socket))
  socket.once('close', () => reject(new Error('the connection was closed without an answer')))
  return await promise
}
