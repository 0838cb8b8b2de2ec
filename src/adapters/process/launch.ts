import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Failure } from '../../core/failure.ts'

/** A program that was started. */
interface Launched {
  child: ChildProcess
  pid: number
}

/** Starts a program, without a shell. Throws `missing_program` if that is not possible. */
export async function launch(argv: readonly string[], options: SpawnOptions): Promise<Launched> {
  const child = trySpawn(argv, options)
  if (child.pid !== undefined) return { child, pid: child.pid }
  const [error] = await once(child, 'error')
  throw notStarted(argv, error, options.cwd)
}

function trySpawn(argv: readonly string[], options: SpawnOptions): ChildProcess {
  const [program, ...args] = argv
  try {
    return spawn(program ?? '', args, options)
  } catch (error) {
    throw notStarted(argv, error, options.cwd)
  }
}

function notStarted(argv: readonly string[], error: unknown, cwd: SpawnOptions['cwd']): Failure {
  const program = argv[0] || '(empty command)'
  if (typeof cwd === 'string' && !isDirectory(cwd)) {
    return new Failure({
      code: 'missing_program',
      message: `cannot start ${program}: its working directory ${cwd} does not exist`,
      hint: `check the path with: ls -ld ${cwd}`,
    })
  }
  // Only the code: Node's own message may repeat an argument or a variable's value.
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'
  return new Failure({
    code: 'missing_program',
    message: `cannot start ${program}: ${problems[code] ?? code}`,
    hint: `make it available, then check with: command -v ${program}`,
    details: { program, code },
  })
}

const problems: Record<string, string> = {
  ENOENT: 'no such program on the PATH',
  EACCES: 'it is not executable',
  E2BIG: 'its arguments and environment are too long',
  ERR_INVALID_ARG_VALUE: 'an argument or a variable is empty or holds a null byte',
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
