import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRegistry } from '../../../src/adapters/registry/registry.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { ImageFacts } from '../../../src/ports/registry.ts'

export const noon = Date.parse('2030-01-01T12:00:00Z')

/** A registry client of a user with a home of their own, in which nobody ever signed in. */
export function makeClient(env: Record<string, string> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'gonogo-registry-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const pauses: number[] = []
  const runtime = {
    ...createRuntime(),
    now: () => noon,
    sleep: async (ms: number) => void pauses.push(ms),
  }
  const whole = { HOME: home, PATH: `${home}/bin:${process.env['PATH'] ?? ''}`, ...env }
  const registry = createRegistry({ env: whole, processes: createProcesses(), runtime })
  const inspect = (image: string, tag = 'v1', platform = 'linux/amd64', signal?: AbortSignal) =>
    registry.inspect({ image, tag }, { platform, ...(signal && { signal }) })
  return { registry, inspect, home, pauses }
}

/** How it was refused; everything of the failure that anybody could see is in `text`. */
export async function refusalOf(asked: Promise<ImageFacts>) {
  const failure = await asked.then(
    (facts) => {
      throw new Error(`was not refused: ${JSON.stringify(facts)}`)
    },
    (error: unknown) => error,
  )
  if (!(failure instanceof Failure)) throw failure
  const { code, message, hint, retryable, details } = failure
  return { code, message, hint, retryable, details, text: JSON.stringify([message, hint, details]) }
}
