import { closeSync, openSync, writeFileSync } from 'node:fs'
import { sanitize } from '../../core/text.ts'
import { createMask } from './mask.ts'

/** The log of a run as its runner writes it. */
export interface LogFile {
  /** A line of the runner's own. Always written: it is what a reader finds their way by. */
  note(text: string): void
  /** Output of a step: masked, and dropped beyond the log's size. */
  output(chunk: Uint8Array, stream: 'stdout' | 'stderr'): void
  /** Writes what the masks hold back: the step's output has ended. */
  flush(): void
  close(): void
}

/** Beyond this much output a log helps nobody and only fills the disk. */
const maxLogBytes = 64 * 1024 * 1024

/**
 * Written synchronously: a program that prints faster than the disk takes it has to wait, and nothing
 * piles up in memory. A log that cannot be written (full disk) does not end the run it tells of.
 */
export function openLogFile(path: string, secrets: readonly string[]): LogFile {
  const descriptor = openSync(path, 'a', 0o600)
  const masks = { stdout: createMask(secrets), stderr: createMask(secrets) }
  let room = maxLogBytes
  let midLine = false

  function write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    try {
      writeFileSync(descriptor, bytes)
      midLine = bytes.at(-1) !== 0x0a
    } catch {
      room = 0
    }
  }

  function note(text: string): void {
    write(Buffer.from(`${midLine ? '\n' : ''}== ${sanitize(text)} ==\n`))
  }

  function keep(bytes: Uint8Array): void {
    if (room === 0) return
    write(bytes.subarray(0, room))
    if (bytes.length < room) room -= bytes.length
    else {
      room = 0
      note(`output beyond ${maxLogBytes / 1024 / 1024} MiB is dropped`)
    }
  }

  return {
    note,
    output: (chunk, stream) => keep(masks[stream].push(chunk)),
    flush: () => {
      keep(masks.stdout.end())
      keep(masks.stderr.end())
    },
    close: () => closeSync(descriptor),
  }
}
