import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { sqliteCode } from './busy.ts'

type Problem = { hint: (file: string) => string; retryable?: true }

const busy: Problem = {
  hint: (file) => `run the same command again; lsof ${file} lists the processes that hold it`,
  retryable: true,
}
const place: Problem = {
  hint: (file) =>
    `ls -ld ${dirname(file)} shows who may write there; state_directory in gonogo.yaml names another place`,
}
const disk: Problem = { hint: (file) => `df -h ${dirname(file)} shows whether the disk is full` }
const damaged: Problem = {
  hint: (file) =>
    `restore a backup of ${file}; without one, move it away: history and approvals in it are lost`,
}

// SQLite's primary result codes. Any other one means a wrong statement, which is a defect of ours.
const problems: Record<number, Problem> = {
  3: place,
  5: busy,
  8: place,
  10: disk,
  11: damaged,
  13: disk,
  14: place,
  15: busy,
  26: damaged,
}

/** What a caller is told when SQLite cannot work with the file; other errors come back unchanged. */
export function storeFailure(error: unknown, file: string): unknown {
  const problem = problems[sqliteCode(error) ?? 0]
  return problem ? unavailable(error, file, problem) : error
}

/** The failure for a state directory or file that cannot be created. */
export function unusablePlace(error: unknown, file: string): Failure {
  return unavailable(error, file, place)
}

function unavailable(error: unknown, file: string, problem: Problem): Failure {
  const reason = error instanceof Error ? error.message : String(error)
  return new Failure({
    code: 'store_unavailable',
    message: `the store ${file} cannot be used: ${reason}`,
    hint: problem.hint(file),
    retryable: problem.retryable ?? false,
    details: { file },
    cause: error,
  })
}
