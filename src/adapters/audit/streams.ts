import { appendFile } from 'node:fs/promises'
import type { AuditPolicy, AuditStream } from '../../core/project.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { reasonOf } from './anchors.ts'
import { rememberOutcomes } from './outside.ts'
import { sendToSyslog } from './syslog.ts'
import { postLines } from './webhook.ts'

export interface StreamDeps {
  path: string
  runtime: Runtime
  policy: AuditPolicy
  env: Readonly<Record<string, string | undefined>>
  tell: (line: string) => void
}

/** Copies of the log for whoever collects logs. Best effort: the log itself is the record. */
export interface Streams {
  push(lines: readonly string[]): void
}

/** What waits for a receiver that is slow or gone; older lines are dropped, and that is told. */
const mostWaiting = 2000
const mostBytesWaiting = 4 * 1024 * 1024
const mostAtOnce = 200

export function createStreams(deps: StreamDeps): Streams {
  const streams = deps.policy.streams.map((stream) => createStream(deps, stream))
  return { push: (lines) => streams.forEach((stream) => stream.push(lines)) }
}

/** What a stream is called in messages; never with what could be a secret in an address. */
export function streamName(stream: AuditStream): string {
  if (stream.kind === 'file') return stream.path
  if (stream.kind === 'webhook') return `webhook ${new URL(stream.url).host}`
  return `syslog ${stream.protocol}://${stream.host}:${stream.port}`
}

function createStream(deps: StreamDeps, stream: AuditStream): Streams {
  const waiting = boundedLines()
  let busy = false
  let known: string | null | undefined
  const tellOnce = async (problem: string | null) => {
    if (problem === known) return
    const place = streamName(stream)
    if (problem !== null && (known ?? null) === null)
      deps.tell(`the audit log is not copied to ${place}: ${problem}`)
    known = problem
    await rememberOutcomes(deps, [{ kind: 'stream', place, size: null, problem }])
  }
  const drain = async () => {
    busy = true
    for (let lines = waiting.take(); lines.length > 0; lines = waiting.take()) {
      const problem = await send(deps, stream, lines).then(() => null, reasonOf)
      await tellOnce(problem ?? waiting.lost())
    }
    busy = false
  }
  return {
    push(lines) {
      waiting.add(lines)
      if (!busy) void drain()
    },
  }
}

function boundedLines() {
  let lines: string[] = []
  let bytes = 0
  let dropped = 0
  return {
    add(more: readonly string[]): void {
      lines.push(...more)
      bytes += lengthOf(more)
      while (lines.length > mostWaiting || bytes > mostBytesWaiting) {
        bytes -= lengthOf(lines.splice(0, 1))
        dropped += 1
      }
    },
    take(): string[] {
      const some = lines.slice(0, mostAtOnce)
      lines = lines.slice(mostAtOnce)
      bytes -= lengthOf(some)
      return some
    },
    lost: () =>
      dropped === 0 ? null : `${dropped} line(s) were dropped: it takes them too slowly`,
  }
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0)
}

async function send(deps: StreamDeps, stream: AuditStream, lines: readonly string[]) {
  switch (stream.kind) {
    case 'file':
      return appendFile(stream.path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
    case 'syslog':
      return sendToSyslog(stream, lines)
    case 'webhook':
      return postLines(stream, lines, deps)
  }
}
