import { Failure } from '../../../core/failure.ts'

/** Why the files of a commit cannot be had from GitHub. */
export function sourceProblem(message: string, cause?: unknown): Failure {
  return new Failure({
    code: 'source_unavailable',
    message,
    hint: 'make a clone, and let "repository" in gonogo.yaml name it: git clone',
    retryable: true,
    cause,
  })
}
