import type { Context } from '../ports/context.ts'
import type { Migrations } from '../ports/migrations.ts'
import type { Preflighter } from '../ports/preflighter.ts'
import type { Processes } from '../ports/process.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Approvers, Signer } from '../ports/signer.ts'
import type { Source } from '../ports/source.ts'
import type { Tool, Toolset } from '../tools/define-tool.ts'

/** What the command line is given by the process it runs in. */
export interface Surface {
  version: string
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  out: NodeJS.WriteStream
  err: NodeJS.WriteStream
  input: NodeJS.ReadStream
  /** Loads the configuration and opens the project; fails with a `Failure`. */
  connect(options: { directory?: string; readOnly?: boolean }): Promise<Context>
  /** Starts programs on behalf of commands that need no project; they end when this process does. */
  processes(): Promise<Processes>
  /** Works out what a workflow would do; needs no project. */
  preflighter(): Promise<Preflighter>
  /** Reads a git repository that no project describes, by the absolute path of its root. */
  repository(directory: string): Promise<{ source: Source; migrations: Migrations }>
  /** Signs, and verifies against a signers list, on a machine that has no project. */
  signing(signersFile: string): Promise<Signing>
  /** Starts this same gonogo again: node, its flags and the main file, each by absolute path. */
  command: readonly string[]
  /** Drives one deployment, or every due one, until it ends or `interrupted` aborts. */
  keep(context: Context, deploymentId: string | null, log: (line: string) => void): Promise<string>
  /** Sends what waits in the outbox until nothing does, or `interrupted` aborts. */
  deliver(context: Context, log: (line: string) => void): Promise<string>
  serveMcp(options: {
    /** Loaded when the client asks for them, so that the handshake does not wait. */
    tools: () => Promise<readonly Tool[]>
    connect: () => Promise<Context>
    waitMs: number
  }): Promise<void>
  /** The runner process of a local run. */
  runLocal(directory: string): Promise<void>
  /** Aborted by Ctrl-C and SIGTERM. */
  interrupted: AbortSignal
}

/** What is needed of signatures where no project is. */
export interface Signing {
  runtime: Runtime
  approvers: Approvers
  signer: Signer
}

export const defaultToolsets: readonly Toolset[] = ['core', 'delivery']

/** True when a person can be asked something. */
export function isInteractive({ input, err }: Surface): boolean {
  return input.isTTY && err.isTTY
}
