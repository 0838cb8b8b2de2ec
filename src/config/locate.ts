import { lstat, readdir, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Failure } from '../core/failure.ts'
import { readVariable, type ProcessEnv } from './environment-variables.ts'

/** Where a project's configuration is. */
export interface Location {
  /** Absolute path without symbolic links: relative paths of the file start here. */
  directory: string
  /** Null when there is no file. */
  file: string | null
}

const fileNames = ['gonogo.yaml', 'gonogo.yml']

/**
 * A directory that was named is taken literally. Otherwise the search goes upwards, and ends at the
 * root of the repository: a file further up would belong to somebody else.
 */
export async function locateProject(
  named: string | undefined,
  env: ProcessEnv,
  cwd: string,
): Promise<Location> {
  const explicit = named ?? readVariable(env, 'GONOGO_PROJECT')
  if (explicit !== undefined) return locateIn(resolve(cwd, explicit), env)
  const start = await realpath(cwd)
  const root = await repositoryRoot(start)
  for (let directory = start; ; directory = dirname(directory)) {
    const file = await configFileIn(directory)
    if (file !== null) return { directory, file }
    if (directory === (root ?? start)) return withoutFile(directory, env)
  }
}

async function locateIn(directory: string, env: ProcessEnv): Promise<Location> {
  const file = await configFileIn(directory)
  const location = { directory: await realpath(directory), file: null }
  if (file !== null)
    return { ...location, file: join(location.directory, file.slice(directory.length)) }
  return withoutFile(location.directory, env)
}

/** Without a file the variables have to say what there is; else somebody is in the wrong directory. */
function withoutFile(directory: string, env: ProcessEnv): Location {
  const enough = ['STAGING_URL', 'PRODUCTION_URL', 'GITHUB_REPOSITORY'] as const
  if (enough.some((name) => readVariable(env, name) !== undefined)) return { directory, file: null }
  throw new Failure({
    code: 'invalid_configuration',
    message: `${directory} has no gonogo.yaml, and none of ${enough.join(', ')} is set`,
    hint: `gonogo init --project ${directory}`,
  })
}

async function configFileIn(directory: string): Promise<string | null> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new Failure({
      code: 'invalid_configuration',
      message: `the project directory ${directory} cannot be read (${error.code})`,
      hint: 'name an existing directory with --project or GONOGO_PROJECT',
      cause: error,
    })
  })
  const found = fileNames.filter((name) => names.includes(name))
  if (found.length > 1) {
    throw new Failure({
      code: 'invalid_configuration',
      message: `${directory} has both gonogo.yaml and gonogo.yml`,
      hint: 'remove one of them: only one can be the truth',
    })
  }
  return found[0] === undefined ? null : join(directory, found[0])
}

async function repositoryRoot(start: string): Promise<string | null> {
  for (let directory = start; ; directory = dirname(directory)) {
    const isRoot = await lstat(join(directory, '.git')).then(
      () => true,
      () => false,
    )
    if (isRoot) return directory
    if (directory === dirname(directory)) return null
  }
}
