import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { RunOptions, RunResult } from '../../ports/process.ts'
import { allowedEnvironment } from './environment.ts'
import { guard } from './guard.ts'
import { launch } from './launch.ts'
import { capture } from './output.ts'

const defaultMaxBytes = 8 * 1024 * 1024

/** How long pipes may stay open after the program itself ended, held by something it left behind. */
const drainMs = 1000

interface Ended {
  exitCode: number | null
  signal: string | null
}

/**
 * Runs a program to its end in a process group of its own, so that a time limit or an abort ends all
 * of it. What a program leaves running when it ends by itself is left alone: a step may start a service.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted()
  const { child, pid } = await launch(argv, spawnOptions(options))
  const limits = guard(options.terminal ? pid : -pid, options)
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const stdout = capture(child.stdout, maxBytes, (chunk) => options.onOutput?.(chunk, 'stdout'))
  const stderr = capture(child.stderr, maxBytes, (chunk) => options.onOutput?.(chunk, 'stderr'))
  options.onStart?.(pid)
  feed(child, options.input)
  child.once('exit', () => limits.clear())
  const ended = await Promise.race([endOf(child), limits.failed])
  const reason = await limits.settled()
  if (reason === 'aborted') throw options.signal?.reason
  const timedOut = reason === 'timed out'
  return {
    // A program may catch SIGTERM and leave with 0; being cut off is no success all the same.
    exitCode: timedOut ? null : ended.exitCode,
    signal: timedOut ? (ended.signal ?? 'SIGTERM') : ended.signal,
    timedOut,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    truncated: stdout.truncated() || stderr.truncated(),
  }
}

/**
 * A prompt needs our terminal, which a session of its own would take away; only stdout stays captured,
 * because ours belongs to data (or to a protocol).
 */
function spawnOptions(options: RunOptions): SpawnOptions {
  const { terminal = false, input, cwd } = options
  const stdin = terminal ? 'inherit' : 'ignore'
  return {
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      ...(options.env ?? allowedEnvironment(process.env, { terminal })),
      ...options.variables,
    },
    detached: !terminal,
    stdio: [input === undefined ? stdin : 'pipe', 'pipe', terminal ? 'inherit' : 'pipe'],
  }
}

function feed(child: ChildProcess, input: RunOptions['input']): void {
  // A program may end without reading its input (EPIPE); its exit code says what that means.
  child.stdin?.on('error', () => {})
  if (input !== undefined) child.stdin?.end(input)
}

/** Resolves when the program ended and its output was read. */
function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let drain: NodeJS.Timeout | undefined
    child.once('exit', () => {
      drain = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, drainMs)
    })
    child.once('close', (exitCode, signal) => {
      clearTimeout(drain)
      resolve({ exitCode, signal })
    })
  })
}
