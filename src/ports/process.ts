/** The one place that starts programs. Arguments are vectors; there is no shell anywhere. */
export interface Processes {
  /**
   * Runs to the end. Never rejects for a non-zero exit; rejects with `missing_program` if it cannot
   * start, and with the signal's reason when that aborts, once the whole process group has ended.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Starts a program in its own session that outlives this process; resolves to its pid. */
  detach(argv: readonly string[], options: DetachOptions): Promise<number>
  /** Something that tells a process from a later one with the same pid; null when there is none. */
  startTime(pid: number): Promise<string | null>
  /**
   * The process groups of what was started with all of these variables; empty where a system does not
   * show the environment of its processes.
   */
  groupsWith(variables: Readonly<Record<string, string>>): Promise<number[]>
  /** Ends a process group: SIGTERM, then SIGKILL after `graceMs`. Resolves when nothing is left of it. */
  endGroup(pid: number, graceMs?: number): Promise<void>
}

export interface RunOptions {
  cwd?: string
  /** The complete environment; default: the caller's allow-list, never gonogo's secrets. */
  env?: Record<string, string>
  /** Added to it. */
  variables?: Readonly<Record<string, string>>
  input?: string | Uint8Array
  timeoutMs?: number
  /** Bytes kept of stdout and of stderr each; default 8 MiB. More is read and dropped. */
  maxBytes?: number
  signal?: AbortSignal
  /** Lets the program talk to the person at the terminal (a passphrase prompt). */
  terminal?: boolean
  /** Called once with the pid, which is the process group's id too, so that somebody else can end it. */
  onStart?: (pid: number) => void
  /** Called with each chunk as it comes; what spans chunks (a secret to mask) does so per stream. */
  onOutput?: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => void
}

export interface RunResult {
  /** Null when a signal ended it. */
  exitCode: number | null
  signal: string | null
  timedOut: boolean
  stdout: Uint8Array
  stderr: Uint8Array
  /** True when output was dropped. */
  truncated: boolean
}

export interface DetachOptions {
  cwd: string
  env: Record<string, string>
  /** File that receives stdout and stderr, created 0600, appended to. */
  logFile: string
}
