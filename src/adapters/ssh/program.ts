import { Failure } from '../../core/failure.ts'
import type { Processes, RunOptions, RunResult } from '../../ports/process.ts'

/** What the OpenSSH programs are started with. */
export interface SshDeps {
  processes: Processes
  /** gonogo's own environment; only what OpenSSH needs of it is passed on. */
  env: Readonly<Record<string, string | undefined>>
}

const passedOn = ['PATH', 'HOME', 'TERM', 'TMPDIR', 'SSH_AUTH_SOCK', 'SSH_SK_PROVIDER'] as const

/** Runs one of OpenSSH's programs. A passphrase is asked for at the terminal or not at all. */
export async function runSsh(
  deps: SshDeps,
  argv: readonly string[],
  options: Pick<RunOptions, 'input' | 'terminal' | 'timeoutMs'> = {},
): Promise<RunResult> {
  const inherited = passedOn.flatMap((name) => {
    const value = deps.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const env = { ...Object.fromEntries(inherited), SSH_ASKPASS_REQUIRE: 'never' }
  try {
    return await deps.processes.run(argv, { timeoutMs: 10_000, ...options, env })
  } catch (error) {
    throw error instanceof Failure && error.code === 'missing_program' ? missing(argv[0]) : error
  }
}

function missing(program = 'ssh-keygen'): Failure {
  return new Failure({
    code: 'missing_program',
    message: `${program} is needed for approvals and could not be started`,
    hint: 'install OpenSSH 8.1 or later: apt-get install openssh-client (macOS: brew install openssh)',
    details: { program },
  })
}
