import type { Processes } from '../../ports/process.ts'

/** How steps of kind `command` start programs. */
export interface Programs {
  processes: Processes
  /** The project's directory. */
  directory: string
  /** What programs see of gonogo's own environment. */
  env: Readonly<Record<string, string>>
}
