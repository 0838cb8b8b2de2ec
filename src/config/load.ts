import { basename, relative } from 'node:path'
import type { Project } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import { checkShape } from './check-shape.ts'
import { parseConfig, type ConfigDocument } from './document.ts'
import {
  readSecrets,
  readVariable,
  type ProcessEnv,
  type Secrets,
} from './environment-variables.ts'
import { loadHolidays } from './holidays.ts'
import { locateProject, type Location } from './locate.ts'
import { applyOverrides, overrideOf, overridesFor, type Override } from './overrides.ts'
import { configurationFailure, problemLine, type Problem } from './problems.ts'
import { buildProject, pathResolver } from './project.ts'
import { readConfigFile } from './read-file.ts'
import { checkRules } from './rules.ts'

/** Where to look for a project, and the process's environment. */
export interface LoadOptions {
  /** The directory given with `--project`. */
  directory?: string
  env: ProcessEnv
  cwd: string
}

/** The effective configuration, and beside it what must not be in it. */
export interface LoadedProject {
  project: Project
  secrets: Secrets
}

/** What the effective values rest on, for whoever wants to see where they came from. */
export interface Origins {
  /** The file as problems name it; empty without one. */
  place: string
  /** The file's own content; null without one. */
  document: ConfigDocument | null
  overrides: readonly Override[]
  env: ProcessEnv
}

/**
 * File, then environment variables. Fails with `invalid_configuration` naming every problem at once;
 * without a file the variables alone describe a project: one that deploys when they name a repository
 * on GitHub and a token for it, else one that is only observed.
 */
export async function loadProject(options: LoadOptions): Promise<LoadedProject> {
  const { project, secrets } = await loadWithOrigins(options)
  return { project, secrets }
}

/** The same, with what the values rest on. */
export async function loadWithOrigins(
  options: LoadOptions,
): Promise<LoadedProject & { origins: Origins }> {
  const { env, cwd } = options
  const location = await locateProject(options.directory, env, cwd)
  const place = location.file === null ? '' : shortPath(location.file, cwd)
  const document = location.file === null ? null : await readDocument(location.file, place)
  const written = document ? document.value : withoutFile(location, env)
  const overrides = overridesFor(written, env, cwd)
  const data = applyOverrides(written, overrides)
  const { config, problems } = checkShape(data)
  const absolute = pathResolver(location, env)
  problems.push(...checkRules(data, absolute))
  const days = config ? await loadHolidays(config, absolute, readConfigFile) : noHolidays
  problems.push(...days.problems)
  const { problems: unreadable, ...secrets } = readSecrets(env)
  const lines = [
    ...describe(problems, document, overrides, place),
    ...repositoryProblem(env),
    ...unreadable,
  ]
  if (!config || lines.length > 0) throw configurationFailure(lines, hintFor(place))
  const origins = { place, document, overrides, env }
  return { project: buildProject(config, location, env, days.holidays), secrets, origins }
}

const noHolidays = { holidays: new Map(), problems: [] }

async function readDocument(file: string, place: string): Promise<ConfigDocument> {
  const document = parseConfig(await readConfigFile(file))
  const lines = document.errors.map(({ line, message }) => `${place}:${line}: ${message}`)
  if (lines.length === 0 && document.value === null) lines.push(`${place}: the file is empty`)
  if (lines.length > 0) throw configurationFailure(lines, hintFor(place))
  return document
}

/**
 * What a file would say that only names the default pair of environments. Whoever names a repository
 * and hands over a token for it means its workflow.
 */
function withoutFile(location: Location, env: ProcessEnv): unknown {
  const repository = readVariable(env, 'GITHUB_REPOSITORY')
  const deploys = repository !== undefined && readVariable(env, 'GITHUB_TOKEN') !== undefined
  const project = basename(repository ?? location.directory)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return {
    project: project || 'project',
    ...(deploys && { pipeline: 'github' }),
    environments: { staging: {}, production: {} },
  }
}

/** A line per problem, in the order of the file. */
function describe(
  problems: readonly Problem[],
  document: ConfigDocument | null,
  overrides: readonly Override[],
  place: string,
): string[] {
  const placed = problems.map((problem) => {
    const override = overrideOf(overrides, problem.path)
    const line = document?.lineOf(problem.path) ?? 0
    return override
      ? { line: 0, text: problemLine(override.variable, problem) }
      : { line, text: problemLine(`${place}:${line}`, problem) }
  })
  return placed.toSorted((left, right) => left.line - right.line).map(({ text }) => text)
}

function repositoryProblem(env: ProcessEnv): string[] {
  const repository = readVariable(env, 'GITHUB_REPOSITORY')
  if (repository === undefined || /^[\w.-]+\/[\w.-]+$/.test(repository)) return []
  return [`GITHUB_REPOSITORY must be owner/name, got ${JSON.stringify(oneLine(repository, 80))}`]
}

function hintFor(place: string): string {
  const subject = place === '' ? 'these variables' : place
  return `correct ${subject}, then run: gonogo config show`
}

function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file)
  return path.startsWith('..') ? file : path
}
