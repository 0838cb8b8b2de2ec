import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createGitSource, type GitSourceDeps } from '../../../src/adapters/git/source.ts'
import type { Source } from '../../../src/ports/source.ts'
import { makeRepository, type Repository } from '../../support/repository.ts'

/** Repositories that are removed after each test of the calling file. */
export function repositories(): () => Promise<Repository> {
  const made: Repository[] = []
  afterEach(async () => {
    await Promise.all(made.splice(0).map((repository) => repository.remove()))
  })
  return async () => {
    const repository = await makeRepository()
    made.push(repository)
    return repository
  }
}

/** Empty directories that are removed after each test of the calling file. */
export function directories(): () => Promise<string> {
  const made: string[] = []
  afterEach(async () => {
    await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true, force: true })))
  })
  return async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gonogo-test-'))
    made.push(directory)
    return directory
  }
}

export function sourceOf(directory: string, changes: Partial<GitSourceDeps> = {}): Source {
  return createGitSource({
    repository: directory,
    defaultBranch: null,
    processes: createProcesses(),
    env: allowedEnvironment(process.env),
    ...changes,
  })
}
