import { isAbsolute } from 'node:path'
import type { Project } from '../core/project.ts'
import type { SmokeStep } from '../core/smoke.ts'
import { readVariable } from './environment-variables.ts'
import { configTree } from './json-schema.ts'
import type { Origins } from './load.ts'
import { overrideOf } from './overrides.ts'
import { pathText, type Path } from './problems.ts'
import { valueAt } from './raw.ts'
import { stepsAt } from './rules-smoke-blocks.ts'
import { defaultInWords, schemaOf, type Schema } from './schema-words.ts'

/** Where an effective value came from. */
export type Source =
  | { source: 'file'; file: string; line: number }
  | { source: 'variable'; name: string }
  | { source: 'default' }
  /** Made from another key or variable; `file` and `line` when a part of it is in the file. */
  | { source: 'derived'; from: string; file?: string; line?: number }

/** One effective value: a scalar, a list of texts, or any JSON where the schema allows that. */
export interface Leaf {
  path: Path
  value: unknown
  source: Source
  /** What the value means when there is none, in words. */
  absence: string
}

/** Every effective value under the key it has in the file, in the order of the reference. */
export function effectiveLeaves(project: Project, origins: Origins): Leaf[] {
  return leavesBelow([], effectiveTree(project), configTree()).map(({ path, value, schema }) => ({
    path,
    value,
    source: sourceOf(path, value, origins),
    absence: value === null ? defaultInWords(schema) : '',
  }))
}

/** The project in the shape of the file. */
function effectiveTree({ name, environments, github, smoke, ...rest }: Project): unknown {
  // Defaults of a pipeline that is not there would read as if they did something.
  const isShown = github !== null
  const sections = environments.map(({ name: environment, github: target, ...section }) => [
    environment,
    isShown ? { ...section, github: target } : section,
  ])
  const suites = { ...smoke, ...asWritten(smoke) }
  const tree = { project: name, ...rest, smoke: suites, environments: Object.fromEntries(sections) }
  return isShown ? { ...tree, github } : tree
}

function flat(step: SmokeStep) {
  return step.kind === 'worker' ? { ...step, ...step.source } : step
}

/** Whom a worker's step asks is in the file among its other keys. */
function asWritten({ setup, basic, full }: Project['smoke']) {
  return { setup: setup.map(flat), basic: basic.map(flat), full: full.map(flat) }
}

interface Found {
  path: Path
  value: unknown
  schema: Schema
}

function leavesBelow(path: Path, value: unknown, schema: Schema): Found[] {
  const members = membersOf(value, schema)
  if (members.length === 0) return value === undefined ? [] : [{ path, value, schema }]
  return members.flatMap(([key, member, below]) => leavesBelow([...path, key], member, below))
}

/** What is shown below a value; nothing when it is shown as it is. */
function membersOf(value: unknown, schema: Schema): [PropertyKey, unknown, Schema][] {
  if (value === null || typeof value !== 'object') return []
  const item = schemaOf(schema.items)
  if (Array.isArray(value)) {
    return item?.properties ? value.map((member: unknown, index) => [index, member, item]) : []
  }
  const named = schemaOf(schema.additionalProperties)
  if (named) return Object.entries(value).map(([key, member]) => [key, member, named])
  return Object.entries(schema.properties ?? {}).map(([key, below]) => [
    key,
    valueAt(value, [key]),
    schemaOf(below) ?? {},
  ])
}

function sourceOf(path: Path, value: unknown, origins: Origins): Source {
  const override = overrideOf(origins.overrides, path)
  if (override) return { source: 'variable', name: override.variable }
  const written = writtenAt(path, origins)
  if (written) {
    const base = baseOf(path, written.value)
    const { file, line } = written
    return base === null
      ? { source: 'file', file, line }
      : { source: 'derived', from: base, file, line }
  }
  const from = derivedFrom(path, value, origins)
  return from ?? { source: 'default' }
}

/** The value in the file that this one was made of. */
function writtenAt(path: Path, { document, place }: Origins) {
  if (document === null) return null
  const own = placeOfStep(path, document.value)
  const candidates = [own, ...(isVersionUrl(own) ? [[...own.slice(0, -1), 'path']] : [])]
  for (const candidate of candidates) {
    const value = valueAt(document.value, candidate)
    if (value !== undefined) return { value, file: place, line: document.lineOf(candidate) }
  }
  return null
}

/** Where a smoke step stands in the file: a ready-made block there makes several, out of one place. */
function placeOfStep(path: Path, data: unknown): Path {
  const [top, list, index, ...rest] = path
  if (top !== 'smoke' || typeof index !== 'number') return path
  const entry = stepsAt(data, String(list))[index]
  if (!entry) return path
  const isBlock = valueAt(data, [...entry.path, 'use']) !== undefined
  return isBlock ? entry.path : [...entry.path, ...rest]
}

function isVersionUrl(path: Path): boolean {
  return path[0] === 'environments' && path[2] === 'version' && path[3] === 'url'
}

/** The key whose URL a path of the file was put below. */
function baseOf(path: Path, written: unknown): string | null {
  const isLocation = isVersionUrl(path) || (path[0] === 'environments' && path[2] === 'health')
  if (!isLocation || typeof written !== 'string' || !written.startsWith('/')) return null
  return pathText([...path.slice(0, 2), 'url'])
}

/** What a value that nobody wrote was made of. */
function derivedFrom(path: Path, value: unknown, { env, document }: Origins): Source | null {
  const [top, , key] = path
  if (top === 'state_directory') return { source: 'derived', from: stateHome(env) }
  if (top === 'audit_log') return { source: 'derived', from: 'state_directory' }
  if (pathText(path) === 'approvals.signers_file') {
    return { source: 'derived', from: 'state_directory' }
  }
  if (top === 'environments' && key === 'verify' && value !== 'off') {
    return { source: 'derived', from: 'smoke.basic' }
  }
  const onGitHub = value === null ? null : derivedOnGitHub(path, document === null)
  if (onGitHub || top !== 'project' || document !== null) return onGitHub
  return readVariable(env, 'GITHUB_REPOSITORY') === undefined
    ? { source: 'derived', from: 'the name of the directory' }
    : { source: 'variable', name: 'GITHUB_REPOSITORY' }
}

function derivedOnGitHub(path: Path, withoutFile: boolean): Source | null {
  const [top] = path
  if (pathText(path) === 'github.repository') {
    return { source: 'variable', name: 'GITHUB_REPOSITORY' }
  }
  if (top === 'environments' && pathText(path.slice(2)) === 'github.environment') {
    return { source: 'derived', from: 'the name of the environment' }
  }
  return top === 'pipeline' && withoutFile
    ? { source: 'derived', from: 'GITHUB_REPOSITORY and GITHUB_TOKEN' }
    : null
}

function stateHome(env: Origins['env']): string {
  return isAbsolute(readVariable(env, 'XDG_STATE_HOME') ?? '') ? 'XDG_STATE_HOME' : 'HOME'
}

/** Where a value came from, as one short text: `gonogo.yaml:12`. */
export function sourceText(source: Source): string {
  if (source.source === 'file') return `${source.file}:${source.line}`
  if (source.source === 'variable') return source.name
  if (source.source === 'default') return 'default'
  return source.file === undefined
    ? `from ${source.from}`
    : `${source.file}:${source.line}, below ${source.from}`
}
