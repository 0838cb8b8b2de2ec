import { open } from 'node:fs/promises'
import type { DetachOptions } from '../../ports/process.ts'
import { launch } from './launch.ts'

/** Starts a program in its own session, where neither our end nor our terminal's reaches it. */
export async function detach(argv: readonly string[], options: DetachOptions): Promise<number> {
  const log = await open(options.logFile, 'a', 0o600)
  try {
    const { child, pid } = await launch(argv, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    child.unref()
    return pid
  } finally {
    await log.close()
  }
}
