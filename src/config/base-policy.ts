import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { BaseFile, BasePolicy } from '../core/base-policy.ts'
import { Failure } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import { checkShape } from './check-shape.ts'
import { parseConfig } from './document.ts'
import type { ProcessEnv } from './environment-variables.ts'
import { loadHolidays } from './holidays.ts'
import type { Location } from './locate.ts'
import { policyText } from './policy.ts'
import { problemLine } from './problems.ts'
import { buildProject, pathResolver } from './project.ts'
import { readConfigFile } from './read-file.ts'
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
    const parsed = await parse(text, { directory: dirname(file), file }, deps)
    return { branch, sha, ...parsed }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // Only the code: what is signed holds still, and the words of a network do not.
    const problem = `it cannot be read (${error.code}): check with gonogo doctor`
    return { branch: 'the default branch', sha: '', project: null, policy: null, problem }
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

async function parse(text: string, location: Location, deps: BasePolicyDeps): Promise<Judged> {
  const { env } = deps
  const document = parseConfig(text)
  const [broken] = document.errors
  if (broken) return unusable(`line ${broken.line}: ${broken.message}`)
  const { config, problems } = checkShape(document.value)
  const absolute = pathResolver(location, env)
  problems.push(...checkRules(document.value, absolute))
  const days = config && (await loadHolidays(config, absolute, (file) => readThere(deps, file)))
  problems.push(...(days?.problems ?? []))
  const [problem] = problems
  if (problem) return unusable(problemLine(`line ${document.lineOf(problem.path)}`, problem))
  if (!config || !days) return unusable('it is empty')
  const project = buildProject(config, location, env, days.holidays)
  return { project, policy: policyText(project), problem: null }
}

/** A file of the repository as the branch has it; any other is where it is. */
async function readThere({ project, read }: BasePolicyDeps, file: string): Promise<string> {
  const path = await pathWithin(project.repository, file)
  if (path === null) return await readConfigFile(file)
  const found = await read([path])
  if (found) return found.text
  throw new Failure({
    code: 'invalid_configuration',
    message: `the branch has no ${path}`,
    hint: `add ${path} to the branch`,
  })
}

type Judged = Pick<BasePolicy, 'project' | 'policy' | 'problem'>

function unusable(why: string): Judged {
  return {
    project: null,
    policy: null,
    problem: `it is no usable configuration (${oneLine(why, 200)})`,
  }
}
