import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { BaseFile, BasePolicy } from '../core/base-policy.ts'
import { Failure } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import { checkShape } from './check-shape.ts'
import { parseConfig } from './document.ts'
import type { ProcessEnv } from './environment-variables.ts'
import type { Location } from './locate.ts'
import { problemLine } from './problems.ts'
import { buildProject, pathResolver } from './project.ts'
import { checkRules } from './rules.ts'

export interface BasePolicyDeps {
  project: Pick<Project, 'config_file' | 'repository'>
  env: ProcessEnv
  /** Reads the first of these paths that the branch has; null when it has none of them. */
  read: (paths: readonly string[]) => Promise<BaseFile | null>
}

/**
 * What the configuration file says on the branch that releases come from. Null when there is nothing to
 * compare with: no file, one outside of the repository, or one that the branch does not have.
 */
export async function readBasePolicy(deps: BasePolicyDeps): Promise<BasePolicy | null> {
  const { config_file: file, repository } = deps.project
  const path = file === null ? null : await pathWithin(repository, file)
  if (file === null || path === null) return null
  try {
    const base = await deps.read(namesOf(path))
    if (base === null) return null
    const { branch, sha, text } = base
    return { branch, sha, ...parsed(text, { directory: dirname(file), file }, deps.env) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // Only the code: what is signed holds still, and the words of a network do not.
    const problem = `it cannot be read (${error.code}): check with gonogo doctor`
    return { branch: 'the default branch', sha: '', project: null, problem }
  }
}

/** Slash-separated, from the root of the repository; null when it is not inside. */
async function pathWithin(repository: string, file: string): Promise<string | null> {
  const root = await realpath(repository).catch(() => repository)
  const path = relative(root, file)
  return path.split(sep)[0] === '..' || path === file ? null : path.split(sep).join('/')
}

/** A file that was only renamed is the same file. */
function namesOf(path: string): string[] {
  const others = ['gonogo.yaml', 'gonogo.yml'].filter((name) => name !== basename(path))
  const directory = dirname(path)
  return [path, ...others.map((name) => (directory === '.' ? name : join(directory, name)))]
}

function parsed(
  text: string,
  location: Location,
  env: ProcessEnv,
): Pick<BasePolicy, 'project' | 'problem'> {
  const document = parseConfig(text)
  const [broken] = document.errors
  if (broken) return unusable(`line ${broken.line}: ${broken.message}`)
  const { config, problems } = checkShape(document.value)
  problems.push(...checkRules(document.value, pathResolver(location, env)))
  const [problem] = problems
  if (problem) return unusable(problemLine(`line ${document.lineOf(problem.path)}`, problem))
  if (!config) return unusable('it is empty')
  return { project: buildProject(config, location, env), problem: null }
}

function unusable(why: string): Pick<BasePolicy, 'project' | 'problem'> {
  return { project: null, problem: `it is no usable configuration (${oneLine(why, 200)})` }
}
