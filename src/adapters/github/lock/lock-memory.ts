import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { oneLine } from '../../../core/text.ts'
import { contentsProblem, type RepositoryView } from '../abilities.ts'
import { readText, replaceFile } from '../files.ts'
import { readRepository } from '../repository-view.ts'
import type { LockDeps } from './lock.ts'

/** That GitHub refused the lock: plans say so from then on, since only a try shows it. */
export interface LockMemory {
  remember(problem: string): Promise<void>
  forget(): Promise<void>
  problem(): Promise<string | null>
}

export function createLockMemory({ client, stateDirectory, runtime }: LockDeps): LockMemory {
  const path = join(stateDirectory, 'github', 'lock-refused')
  return {
    remember: (problem) => replaceFile(path, problem, runtime.id('tmp')),
    forget: () => rm(path, { force: true }),
    async problem() {
      const known = contentsProblem(await readRepository<RepositoryView>(client))
      const remembered = known === null ? await readText(path) : `GitHub keeps no lock: ${known}`
      return remembered === null ? null : oneLine(remembered, 300)
    },
  }
}
