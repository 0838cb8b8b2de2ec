import { Failure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'

/** Why an archive, or an entry of it, is not read. It comes from a server and may be hostile. */
export function archiveProblem(message: string): Failure {
  return new Failure({
    code: 'pipeline_unavailable',
    message,
    hint: 'look at it in the browser',
    retryable: true,
  })
}

/** Bytes as people say them. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}

/** What went wrong, in a line: of ours, of the network, or of zlib, which knows damaged data. */
export function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error))
}
