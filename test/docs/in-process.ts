import { PassThrough } from 'node:stream'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import type { Context } from '../../src/ports/context.ts'
import type { Processes } from '../../src/ports/process.ts'
import { createPreflighter } from '../../src/adapters/github/workflow/preflighter.ts'
import { connect, processesUntil, repositoryAt, signingWith } from '../../src/wiring.ts'
import { mainFile } from '../support/clinic.ts'

export interface InProcessOptions {
  cwd: string
  env: Record<string, string | undefined>
  /** Last word on what the command works with. */
  adapt?: (context: Context) => Context
}

/** How a command ended, and everything it wrote. */
export interface Written {
  exitCode: number
  stdout: string
  stderr: string
  text: string
}

const elsewhere = () => Promise.reject(new Error('this command needs a process of its own'))

/** The command line in this process, without a terminal: a start of Node costs more than the command. */
export async function runInProcess(
  argv: readonly string[],
  { cwd, env, adapt = (context) => context }: InProcessOptions,
): Promise<Written> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const over = new AbortController()
  const command = [process.execPath, mainFile]
  const surface: Surface = {
    version: '0.0.0',
    env,
    cwd,
    out: out as unknown as Surface['out'],
    err: err as unknown as Surface['err'],
    input: new PassThrough() as unknown as Surface['input'],
    interrupted: over.signal,
    command,
    connect: async ({ directory, readOnly = false }) =>
      adapt(
        await connect({
          ...(directory !== undefined && { directory }),
          cwd,
          env,
          readOnly,
          terminal: false,
          command,
          shutdown: over.signal,
        }),
      ),
    processes: async () => startedWith(env, processesUntil(over.signal)),
    preflighter: async () => createPreflighter(),
    repository: async (directory) => repositoryAt(directory, env, over.signal),
    signing: async (file) => signingWith(file, { env, terminal: false, shutdown: over.signal }),
    keep: elsewhere,
    deliver: elsewhere,
    serveMcp: elsewhere,
    runLocal: elsewhere,
  }
  const exitCode = await runCli(argv, surface)
  over.abort()
  const [stdout, stderr] = [out, err].map((stream) => String(stream.read() ?? ''))
  return { exitCode, stdout: stdout!, stderr: stderr!, text: `${stdout}${stderr}` }
}

/** Programs see the variables of the command, where a process of its own would hand them on. */
function startedWith(env: InProcessOptions['env'], processes: Processes): Processes {
  const set = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const run: Processes['run'] = (argv, options = {}) =>
    processes.run(argv, { env: Object.fromEntries(set), ...options })
  return { ...processes, run }
}
