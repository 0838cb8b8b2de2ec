import { onTestFinished } from 'vitest'
import { createGitSource } from '../../src/adapters/git/source.ts'
import { createMigrations } from '../../src/adapters/migrations/migrations.ts'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { gitEnvironment, makeRepository, type Repository } from './repository.ts'

/** A real repository with what reads its migrations, gone after the test. No linter is on its PATH. */
export async function migrationsRepository(): Promise<{
  repository: Repository
  source: ReturnType<typeof createGitSource>
  migrations: ReturnType<typeof createMigrations>
}> {
  const repository = await makeRepository()
  onTestFinished(() => repository.remove())
  const processes = createProcesses()
  const { directory } = repository
  const git = { repository: directory, defaultBranch: 'main', processes, env: gitEnvironment }
  const source = createGitSource(git)
  const migrations = createMigrations({
    source,
    processes: {
      run: (argv, options) => processes.run(argv, { ...options, env: { PATH: directory } }),
    },
  })
  return { repository, source, migrations }
}

/** The same of files that are in no repository, by the name of their commit: git costs more than reading. */
export function migrationsOf(commits: Record<string, Record<string, string>>) {
  const processes = createProcesses()
  return createMigrations({
    source: {
      paths: async (sha) => Object.keys(commits[sha] ?? {}),
      async *files(sha, wanted = () => true) {
        for (const [path, text] of Object.entries(commits[sha] ?? {}))
          if (wanted(path)) yield { path, content: new TextEncoder().encode(text) }
      },
      readFile: async () => null,
    },
    processes: {
      run: (argv, options) => processes.run(argv, { ...options, env: { PATH: '/nonexistent' } }),
    },
  })
}
