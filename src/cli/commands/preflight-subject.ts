import { readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { readVariable } from '../../config/environment-variables.ts'
import { loadProject } from '../../config/load.ts'
import { locateProject } from '../../config/locate.ts'
import { Failure } from '../../core/failure.ts'
import { findEnvironment, type Project } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { PreflightRequest } from '../../ports/preflighter.ts'
import type { Processes } from '../../ports/process.ts'
import { readText } from '../../setup/file.ts'
import { surveyGit } from '../../setup/survey/git.ts'
import type { Surface } from '../surface.ts'
import type { PreflightOptions } from './preflight.ts'

const workflows = '.github/workflows'

/** What is looked at: the file, the repository around it, and how it is started. */
export async function subjectOf(
  surface: Surface,
  options: PreflightOptions,
  named: string | undefined,
): Promise<Omit<PreflightRequest, 'event' | 'inputs' | 'actor'>> {
  const given = named === undefined ? null : resolve(surface.cwd, named)
  // A file that was named is looked at as it is: for that there need be no project.
  const project = given === null ? await configured(surface, options) : null
  const directory = given === null ? placeOf(surface, options, project) : dirname(given)
  const processes = await surface.processes()
  const git = await surveyGit(directory, processes)
  const root = git.root ?? directory
  const file = await fileOf(root, project, given)
  const defaultBranch = project?.default_branch ?? git.branch?.name ?? 'main'
  const ref = options.ref ?? project?.github?.ref ?? defaultBranch
  return {
    file: file.path,
    text: file.text,
    readFile: (path) => readCalled(root, path),
    ref: await fullRef(processes, root, ref),
    repository: repositoryOf(surface, project, git.remote),
    ...targetOf(project, options.environment),
    defaultBranch,
  }
}

/** Where the releases of the project come from; without one, where somebody stands. */
function placeOf({ cwd }: Surface, options: PreflightOptions, project: Project | null): string {
  return project?.repository ?? resolve(cwd, options.project ?? '.')
}

function repositoryOf(
  { env }: Surface,
  project: Project | null,
  remote: { repository: string | null } | null,
): string {
  const named = project?.github?.repository ?? readVariable(env, 'GITHUB_REPOSITORY')
  return named ?? remote?.repository ?? ''
}

/** The project that deploys through GitHub, if there is one here. */
async function configured(surface: Surface, options: PreflightOptions): Promise<Project | null> {
  const { env, cwd } = surface
  const { project: directory } = options
  const location = await locateProject(directory, env, cwd).catch(() => null)
  if (location?.file == null) return null
  const { project } = await loadProject({ env, cwd, ...(directory && { directory }) })
  return project.github === null ? null : project
}

/** What GitHub calls an environment of the project, and the job that deploys there. */
function targetOf(
  project: Project | null,
  name: string | undefined,
): Pick<PreflightRequest, 'environment' | 'job'> {
  if (name === undefined) return { environment: null }
  const known = project && findEnvironment(project, name)?.github
  return known ? { environment: known.environment, job: known.job } : { environment: name }
}

interface WorkflowFile {
  path: string
  text: string
}

async function fileOf(
  root: string,
  project: Project | null,
  named: string | null,
): Promise<WorkflowFile> {
  if (named !== null) {
    const text = await readText(named)
    if (text === null) throw noSuchFile(named)
    return { path: pathIn(root, named), text }
  }
  if (project === null) return await onlyOne(root)
  const path = `${workflows}/${project.github?.workflow}`
  const text = await readText(join(root, path))
  if (text === null) throw noSuchFile(join(root, path))
  return { path, text }
}

function noSuchFile(file: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `there is no workflow ${oneLine(file, 1000)}`,
    hint: `ls ${workflows}; gonogo validate ENVIRONMENT REF reads the one on GitHub`,
    details: { field: 'file' },
  })
}

/** Of a repository without a project: the workflow that can be dispatched and names an environment. */
async function onlyOne(root: string): Promise<WorkflowFile> {
  const names = await readdir(join(root, workflows)).catch(() => [])
  const files: WorkflowFile[] = []
  for (const name of names.filter((each) => /\.ya?ml$/.test(each)).toSorted()) {
    const path = `${workflows}/${name}`
    const text = await readText(join(root, path))
    if (text !== null) files.push({ path, text })
  }
  const deploying = files.filter(
    ({ text }) => text.includes('workflow_dispatch') && /^\s+environment:/m.test(text),
  )
  const [first, ...others] = deploying
  if (first && others.length === 0) return first
  if (files.length === 0) throw noWorkflows(root)
  const candidates = (first ? deploying : files).map(({ path }) => path)
  throw new Failure({
    code: 'invalid_input',
    message: first
      ? `${deploying.length} workflows can be dispatched and name an environment: ${candidates.join(', ')}`
      : `no workflow in ${workflows} can be dispatched and names an environment`,
    hint: `name the file: gonogo preflight ${candidates[0]}`,
    details: { field: 'file', candidates },
  })
}

function noWorkflows(root: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `there is no workflow in ${oneLine(join(root, workflows), 1000)}`,
    hint: 'go to a clone of the repository; gonogo validate ENVIRONMENT REF reads the workflow from GitHub',
    details: { field: 'file' },
  })
}

/** A local workflow that is called; nothing outside their directory is read. */
async function readCalled(root: string, path: string): Promise<string | null> {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) ? await readText(join(root, path)) : null
}

function pathIn(root: string, file: string): string {
  const path = relative(root, file)
  return path.startsWith('..') ? file : path.split(sep).join('/')
}

/** A workflow is started on a branch or a tag. What git does not know is taken for a branch. */
async function fullRef(processes: Processes, root: string, ref: string): Promise<string> {
  if (/^refs\/(?:heads|tags)\//.test(ref)) return ref
  for (const kind of ['heads', 'tags']) {
    const full = `refs/${kind}/${ref}`
    if (await exists(processes, root, full)) return full
  }
  if (/^[0-9a-f]{40}$/.test(ref)) {
    throw new Failure({
      code: 'invalid_input',
      message: `${ref} is a commit: GitHub starts workflows on branches and tags only`,
      hint: 'name a branch or a tag with --ref',
      details: { field: 'ref' },
    })
  }
  return `refs/heads/${ref}`
}

async function exists(processes: Processes, root: string, ref: string): Promise<boolean> {
  try {
    const argv = ['git', 'show-ref', '--verify', '--quiet', ref]
    const { exitCode } = await processes.run(argv, { cwd: root, timeoutMs: 10_000, maxBytes: 1024 })
    return exitCode === 0
  } catch (error) {
    if ((error as { code?: unknown }).code === 'missing_program') return false
    throw error
  }
}
