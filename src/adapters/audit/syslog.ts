import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { parseAuditLine } from '../../core/audit.ts'
import type { AuditStream } from '../../core/project.ts'

type Syslog = Extract<AuditStream, { kind: 'syslog' }>

// Facility "log audit" (13); severities "warning" and "notice" (RFC 5424, section 6.2.1).
const facility = 13
const warning = 4
const notice = 5
const patienceMs = 5000

/** Sends lines as messages of RFC 5424, over UDP (RFC 5426) or TCP (RFC 6587, octet counting). */
export async function sendToSyslog(target: Syslog, lines: readonly string[]): Promise<void> {
  const messages = lines.map((line) => Buffer.from(syslogMessage(line, hostname())))
  await (target.protocol === 'udp' ? sendDatagrams(target, messages) : sendFrames(target, messages))
}

export function syslogMessage(line: string, host: string): string {
  const event = parseAuditLine(line)
  const priority = facility * 8 + (event?.success === false ? warning : notice)
  const from = host.replaceAll(/[^!-~]/g, '').slice(0, 255) || '-'
  const kind = (event?.operation ?? '').replaceAll(/[^!-~]/g, '').slice(0, 32) || '-'
  return `<${priority}>1 ${event?.timestamp ?? '-'} ${from} gonogo ${process.pid} ${kind} - ${line}`
}

async function sendDatagrams({ host, port }: Syslog, messages: readonly Buffer[]): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const problems: Error[] = []
  let sending = Promise.withResolvers<Error | null>()
  socket.on('error', (error) => sending.resolve(error))
  try {
    for (const message of messages) {
      sending = Promise.withResolvers()
      socket.send(message, port, host, sending.resolve)
      // A line that fits no datagram keeps no other one from being sent.
      const problem = await sending.promise
      if (problem) problems.push(problem)
    }
  } finally {
    socket.close()
  }
  if (problems[0]) throw problems[0]
}

async function sendFrames({ host, port }: Syslog, messages: readonly Buffer[]): Promise<void> {
  const socket = connect({ host, port })
  const signal = AbortSignal.timeout(patienceMs)
  try {
    await once(socket, 'connect', { signal })
    const closed = once(socket, 'close', { signal })
    for (const message of messages) socket.write(Buffer.concat([frame(message), message]))
    socket.end()
    // Whoever takes the lines closes in turn; what it wrote back is not for us.
    socket.resume()
    await closed
  } finally {
    socket.destroy()
  }
}

function frame(message: Buffer): Buffer {
  return Buffer.from(`${message.length} `)
}
