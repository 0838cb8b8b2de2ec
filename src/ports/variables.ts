import type { Environment } from '../core/project.ts'

/** The variables an environment's steps get: literals, the env file, and passed-on names. */
export interface Variables {
  /** Values, for those who run or check things. Fails with `invalid_configuration` if the file is unreadable. */
  of(environment: Environment): Promise<Record<string, string>>
}
