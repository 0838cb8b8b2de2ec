import manifest from '../package.json' with { type: 'json' }
import { exits, type ExitCode } from './cli/exit.ts'
import { runCli } from './cli/program.ts'
import type { Surface } from './cli/surface.ts'
import type { Call, Context } from './ports/context.ts'
import type { Preflighter } from './ports/preflighter.ts'
import type { Processes } from './ports/process.ts'

/** How long a keeper that cannot be looked up is waited for; renewed at a third of it. */
const leaseMs = 15_000

/** Gives the command line its surroundings and runs it. */
export async function start(argv: readonly string[]): Promise<ExitCode> {
  if (argv.includes('--no-color')) {
    process.env.NO_COLOR = '1'
    delete process.env.FORCE_COLOR
  }
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  // A local run hears SIGTERM itself: there it means "cancel".
  if (argv[0] !== 'run-local') {
    process.once('SIGINT', interrupt)
    process.once('SIGTERM', interrupt)
  }
  process.stdout.on('error', endUnlessClosed)
  const exit = await runCli(argv, surfaceOf(interrupted))
  interrupt()
  return exit
}

/**
 * `gonogo list | head` closes the pipe early, which is no failure. What the command came to is told by
 * its exit code all the same: nobody may take a no-go that was not read for a go.
 */
function endUnlessClosed({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  errorOutput().write(`error (internal): stdout cannot be written: ${message}\n`)
  process.exit(exits.failed)
}

/** Progress that nobody can read must not end the work it tells of. */
function errorOutput(): NodeJS.WriteStream {
  const { stderr } = process
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => undefined)
  return stderr
}

function surfaceOf(interrupted: AbortController): Surface {
  return {
    version: manifest.version,
    env: process.env,
    cwd: process.cwd(),
    // Each of these costs when it is first touched, so only those are opened that somebody uses.
    get out() {
      return process.stdout
    },
    get err() {
      return errorOutput()
    },
    get input() {
      return process.stdin
    },
    interrupted: interrupted.signal,
    connect: (options) => open(options, interrupted.signal),
    processes: () => openProcesses(interrupted.signal),
    preflighter: openPreflighter,
    repository: (directory) => openRepository(directory, interrupted.signal),
    signing: (signersFile) => openSigning(signersFile, interrupted.signal),
    command: ownCommand(),
    keep: (context, id, log) => drive(context, id, log, interrupted.signal),
    deliver: (context, log) => deliver(context, log, interrupted.signal),
    async serveMcp(options) {
      const { serveMcpOverStdio } = await import('./mcp/stdio.ts')
      await serveMcpOverStdio({ ...options, version: manifest.version }, interrupted.signal)
    },
    async runLocal(directory) {
      const { runLocalRun } = await import('./wiring.ts')
      await runLocalRun(directory, process.env)
    },
  }
}

async function openProcesses(shutdown: AbortSignal): Promise<Processes> {
  const { processesUntil } = await import('./wiring.ts')
  return processesUntil(shutdown)
}

async function openPreflighter(): Promise<Preflighter> {
  const { createPreflighter } = await import('./adapters/github/workflow/preflighter.ts')
  return createPreflighter()
}

async function openRepository(directory: string, shutdown: AbortSignal) {
  const { repositoryAt } = await import('./wiring.ts')
  return repositoryAt(directory, process.env, shutdown)
}

async function openSigning(signersFile: string, shutdown: AbortSignal) {
  const { signingWith } = await import('./wiring.ts')
  return signingWith(signersFile, { env: process.env, terminal: process.stdin.isTTY, shutdown })
}

async function open(
  { directory, readOnly = false }: { directory?: string; readOnly?: boolean },
  shutdown: AbortSignal,
): Promise<Context> {
  const { connect } = await import('./wiring.ts')
  return await connect({
    ...(directory !== undefined && { directory }),
    cwd: process.cwd(),
    env: process.env,
    readOnly,
    terminal: process.stdin.isTTY,
    command: ownCommand(),
    shutdown,
  })
}

async function drive(
  context: Context,
  id: string | null,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { keep, reconcile } = await import('./workers/keeper.ts')
  const lease = { owner: await context.keepers.self(), ms: leaseMs }
  const call = keeperCall(context, signal)
  if (id !== null) return await keep(call, lease, id, log)
  await reconcile(call, lease, log)
  return 'interrupted'
}

async function deliver(
  context: Context,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { deliverOutbox } = await import('./workers/outbox.ts')
  return await deliverOutbox(keeperCall(context, signal), log)
}

function keeperCall(context: Context, signal: AbortSignal): Call {
  return {
    ...context,
    principal: { kind: 'automation', name: 'keeper' },
    requestId: context.runtime.id('req'),
    waitMs: Infinity,
    signal,
    progress: () => undefined,
  }
}

/** This same program again: node, its own flags, the main file. */
function ownCommand(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '']
}
